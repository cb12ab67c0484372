import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { CategoriesModule } from '../categories/categories.module.js';
import { ConditionalModule } from '../platform/lists/conditional.module.js';
import { StockModule } from '../stock/stock.module.js';
import { ItemBatchesRepository } from './item-batches.repository.js';
import { ItemBatchesService } from './item-batches.service.js';
import { ItemPricesRepository } from './item-prices.repository.js';
import { ItemPricesService } from './item-prices.service.js';
import { ItemPrice } from './item-price.entity.js';
import { Item } from './item.entity.js';
import { ItemsController } from './items.controller.js';
import { ItemsRepository } from './items.repository.js';
import { ItemsService } from './items.service.js';
import { ScaleLabels } from './scale-label.js';

@Module({
  imports: [TypeOrmModule.forFeature([Item, ItemPrice]), ConditionalModule, CategoriesModule, StockModule],
  controllers: [ItemsController],
  providers: [
    ItemBatchesRepository,
    ItemBatchesService,
    ItemPricesRepository,
    ItemPricesService,
    ItemsRepository,
    ItemsService,
    ScaleLabels,
  ],
  exports: [ItemBatchesService, ItemPricesService, ItemsService],
})
export class ItemsModule {}
