import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { IdempotencyModule } from '../platform/idempotency/idempotency.module.js';
import { CartsModule } from '../carts/carts.module.js';
import { LedgerModule } from '../ledger/ledger.module.js';
import { TradingDaysModule } from '../trading-days/trading-days.module.js';
import { DailyAccount } from './daily-account.entity.js';
import { DailyAccountEvent } from './daily-account-event.entity.js';
import { DailyAccountItem } from './daily-account-item.entity.js';
import { DailyAccountPayment } from './daily-account-payment.entity.js';
import { DailyAccountsController } from './daily-accounts.controller.js';
import { DailyAccountsRepository } from './daily-accounts.repository.js';
import { DailyAccountsService } from './daily-accounts.service.js';
import { DayClosingService } from './day-closing.service.js';
import { SalesAnalysisRepository } from './sales-analysis.repository.js';
import { SalesAnalysisService } from './sales-analysis.service.js';

@Module({
  imports: [
    TypeOrmModule.forFeature([DailyAccount, DailyAccountEvent, DailyAccountItem, DailyAccountPayment]),
    CartsModule,
    IdempotencyModule,
    LedgerModule,
    TradingDaysModule,
  ],
  controllers: [DailyAccountsController],
  providers: [
    DailyAccountsRepository,
    DailyAccountsService,
    DayClosingService,
    SalesAnalysisRepository,
    SalesAnalysisService,
  ],
})
export class DailyAccountsModule {}
