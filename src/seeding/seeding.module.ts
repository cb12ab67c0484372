import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { CategoriesModule } from '../categories/categories.module.js';
import { ItemsModule } from '../items/items.module.js';
import { StockModule } from '../stock/stock.module.js';
import { UsersModule } from '../users/users.module.js';
import { RequestValidationPipe } from '../platform/validation/request-validation.pipe.js';
import { Seeding } from './seeding.entity.js';
import { SeedingRepository } from './seeding.repository.js';
import { SeedingService } from './seeding.service.js';

@Module({
  imports: [TypeOrmModule.forFeature([Seeding]), UsersModule, CategoriesModule, ItemsModule, StockModule],
  providers: [SeedingRepository, SeedingService, RequestValidationPipe],
})
export class SeedingModule {}
