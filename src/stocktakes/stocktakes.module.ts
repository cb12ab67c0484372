import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { IdempotencyModule } from '../platform/idempotency/idempotency.module.js';
import { StockModule } from '../stock/stock.module.js';
import { UsersModule } from '../users/users.module.js';
import { ApprovalService } from './approval.service.js';
import { CountingService } from './counting.service.js';
import { StocktakeApprovalController } from './stocktake-approval.controller.js';
import { Stocktake } from './stocktake.entity.js';
import { StocktakeAssignee } from './stocktake-assignee.entity.js';
import { StocktakeCount } from './stocktake-count.entity.js';
import { StocktakeCountsController } from './stocktake-counts.controller.js';
import { StocktakeCountsRepository } from './stocktake-counts.repository.js';
import { StocktakeItem } from './stocktake-item.entity.js';
import { StocktakesController } from './stocktakes.controller.js';
import { StocktakesRepository } from './stocktakes.repository.js';
import { StocktakesService } from './stocktakes.service.js';
import { VariancesService } from './variances.service.js';

@Module({
  imports: [
    TypeOrmModule.forFeature([Stocktake, StocktakeAssignee, StocktakeItem, StocktakeCount]),
    IdempotencyModule,
    StockModule,
    UsersModule,
  ],
  controllers: [StocktakesController, StocktakeCountsController, StocktakeApprovalController],
  providers: [
    StocktakesRepository,
    StocktakeCountsRepository,
    StocktakesService,
    CountingService,
    VariancesService,
    ApprovalService,
  ],
  exports: [StocktakesService],
})
export class StocktakesModule {}
