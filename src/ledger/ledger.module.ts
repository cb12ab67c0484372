import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { LedgerService } from './ledger.service.js';
import { MovementsRepository } from './movements.repository.js';
import { StockMovement } from './stock-movement.entity.js';

@Module({
  imports: [TypeOrmModule.forFeature([StockMovement])],
  providers: [MovementsRepository, LedgerService],
  exports: [LedgerService],
})
export class LedgerModule {}
