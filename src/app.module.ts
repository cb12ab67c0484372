import { Module } from '@nestjs/common';
import { APP_FILTER, APP_GUARD, APP_PIPE } from '@nestjs/core';
import { RolesGuard } from './platform/authorization/roles.guard.js';
import { AuthModule } from './auth/auth.module.js';
import { AuthenticationGuard } from './auth/authentication.guard.js';
import { CartsModule } from './carts/carts.module.js';
import { CategoriesModule } from './categories/categories.module.js';
import { DailyAccountsModule } from './daily-accounts/daily-accounts.module.js';
import { DatabaseModule } from './platform/database/database.module.js';
import { ExchangeModule } from './exchange/exchange.module.js';
import { HealthModule } from './platform/health/health.module.js';
import { ErrorFilter } from './platform/http/error.filter.js';
import { ItemsModule } from './items/items.module.js';
import { MetricsModule } from './platform/metrics/metrics.module.js';
import { ReportsModule } from './reports/reports.module.js';
import { SeedingModule } from './seeding/seeding.module.js';
import { StockModule } from './stock/stock.module.js';
import { StocktakesModule } from './stocktakes/stocktakes.module.js';
import { TasksModule } from './tasks/tasks.module.js';
import { UsersModule } from './users/users.module.js';
import { RequestValidationPipe } from './platform/validation/request-validation.pipe.js';

/** The root module. Guards run in this order: authentication, then roles. */
@Module({
  imports: [
    DatabaseModule,
    AuthModule,
    UsersModule,
    CategoriesModule,
    ItemsModule,
    StockModule,
    CartsModule,
    DailyAccountsModule,
    StocktakesModule,
    TasksModule,
    ReportsModule,
    ExchangeModule,
    SeedingModule,
    HealthModule,
    MetricsModule,
  ],
  providers: [
    { provide: APP_GUARD, useClass: AuthenticationGuard },
    { provide: APP_GUARD, useClass: RolesGuard },
    { provide: APP_PIPE, useClass: RequestValidationPipe },
    { provide: APP_FILTER, useClass: ErrorFilter },
  ],
})
export class AppModule {}
