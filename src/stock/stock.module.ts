import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { ConditionalModule } from '../platform/lists/conditional.module.js';
import { IdempotencyModule } from '../platform/idempotency/idempotency.module.js';
import { LedgerModule } from '../ledger/ledger.module.js';
import { AuthModule } from '../auth/auth.module.js';
import { MovementFeed } from './movement-feed.service.js';
import { MovementStreamController } from './movement-stream.controller.js';
import { StockEntry } from './stock-entry.entity.js';
import { StockMovementsController } from './stock-movements.controller.js';
import { StockMovementsService } from './stock-movements.service.js';
import { StockController } from './stock.controller.js';
import { StockRepository } from './stock.repository.js';
import { StockService } from './stock.service.js';

@Module({
  imports: [
    TypeOrmModule.forFeature([StockEntry]),
    AuthModule,
    ConditionalModule,
    IdempotencyModule,
    LedgerModule,
  ],
  controllers: [MovementStreamController, StockController, StockMovementsController],
  providers: [MovementFeed, StockRepository, StockService, StockMovementsService],
  exports: [StockService, StockMovementsService],
})
export class StockModule {}
