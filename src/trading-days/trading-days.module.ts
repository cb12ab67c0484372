import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { TradingDay } from './trading-day.entity.js';
import { TradingDaysRepository } from './trading-days.repository.js';
import { TradingDaysService } from './trading-days.service.js';

@Module({
  imports: [TypeOrmModule.forFeature([TradingDay])],
  providers: [TradingDaysRepository, TradingDaysService],
  exports: [TradingDaysService],
})
export class TradingDaysModule {}
