import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { IdempotencyModule } from '../platform/idempotency/idempotency.module.js';
import { ItemsModule } from '../items/items.module.js';
import { StockModule } from '../stock/stock.module.js';
import { TradingDaysModule } from '../trading-days/trading-days.module.js';
import { Cart } from './cart.entity.js';
import { CartItem } from './cart-item.entity.js';
import { CartPayment } from './cart-payment.entity.js';
import { CartRefund } from './cart-refund.entity.js';
import { CartRefundLine } from './cart-refund-line.entity.js';

@Module({
  imports: [
    TypeOrmModule.forFeature([Cart, CartItem, CartPayment, CartRefund, CartRefundLine]),
    IdempotencyModule,
    ItemsModule,
    StockModule,
    TradingDaysModule,
  ],
})
export class CartsModule {}
