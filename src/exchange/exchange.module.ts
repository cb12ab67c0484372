import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { CategoriesModule } from '../categories/categories.module.js';
import { ItemsModule } from '../items/items.module.js';
import { IdempotencyModule } from '../platform/idempotency/idempotency.module.js';
import { ConditionalModule } from '../platform/lists/conditional.module.js';
import { StockModule } from '../stock/stock.module.js';
import { ItemImport } from './item-import.entity.js';
import { ItemImportBatch } from './item-import-batch.entity.js';
import { ItemImportJobs } from './item-import-jobs.service.js';
import { ItemImporter } from './item-importer.service.js';
import { ItemImportsController } from './item-imports.controller.js';
import { ItemImportsRepository } from './item-imports.repository.js';
import { ItemImportsService } from './item-imports.service.js';

/** Data that comes in from other programs. */
@Module({
  imports: [
    TypeOrmModule.forFeature([ItemImport, ItemImportBatch]),
    CategoriesModule,
    ConditionalModule,
    IdempotencyModule,
    ItemsModule,
    StockModule,
  ],
  controllers: [ItemImportsController],
  providers: [ItemImporter, ItemImportJobs, ItemImportsRepository, ItemImportsService],
})
export class ExchangeModule {}
