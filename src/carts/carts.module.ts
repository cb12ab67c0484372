import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { IdempotencyModule } from '../platform/idempotency/idempotency.module.js';
import { ItemsModule } from '../items/items.module.js';
import { StockModule } from '../stock/stock.module.js';
import { TradingDaysModule } from '../trading-days/trading-days.module.js';
import { CartItem } from './cart-item.entity.js';
import { CartItemsController } from './cart-items.controller.js';
import { CartItemsService } from './cart-items.service.js';
import { CartPayment } from './cart-payment.entity.js';
import { CartRefundLine } from './cart-refund-line.entity.js';
import { CartRefund } from './cart-refund.entity.js';
import { CartRefundsRepository } from './cart-refunds.repository.js';
import { CartRefundsService } from './cart-refunds.service.js';
import { CartSalesController } from './cart-sales.controller.js';
import { CartSalesService } from './cart-sales.service.js';
import { CartStockService } from './cart-stock.service.js';
import { Cart } from './cart.entity.js';
import { CartsController } from './carts.controller.js';
import { CartsRepository } from './carts.repository.js';
import { CartsService } from './carts.service.js';
import { CompletedSalesRepository } from './completed-sales.repository.js';
import { DraftsService } from './drafts.service.js';
import { ScannedItemsService } from './scanned-items.service.js';

@Module({
  imports: [
    TypeOrmModule.forFeature([Cart, CartItem, CartPayment, CartRefund, CartRefundLine]),
    IdempotencyModule,
    ItemsModule,
    StockModule,
    TradingDaysModule,
  ],
  // In the order of the documentation.
  controllers: [CartsController, CartItemsController, CartSalesController],
  providers: [
    CartsRepository,
    CartRefundsRepository,
    CartsService,
    CartItemsService,
    CartSalesService,
    CartRefundsService,
    CartStockService,
    CompletedSalesRepository,
    DraftsService,
    ScannedItemsService,
  ],
  exports: [CartsService, CompletedSalesRepository],
})
export class CartsModule {}
