import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { LedgerHeadService } from './ledger-head.service.js';
import { LedgerVerificationRepository } from './ledger-verification.repository.js';
import { LedgerVerificationService } from './ledger-verification.service.js';
import { LedgerController } from './ledger.controller.js';
import { LedgerService } from './ledger.service.js';
import { LedgerTail } from './ledger-tail.js';
import { MovementCounts } from './movement-counts.js';
import { MovementsRepository } from './movements.repository.js';
import { StockMovement } from './stock-movement.entity.js';

@Module({
  imports: [TypeOrmModule.forFeature([StockMovement])],
  controllers: [LedgerController],
  providers: [
    MovementsRepository,
    MovementCounts,
    LedgerService,
    LedgerHeadService,
    LedgerTail,
    LedgerVerificationRepository,
    LedgerVerificationService,
  ],
  exports: [LedgerService, LedgerHeadService, LedgerTail],
})
export class LedgerModule {}
