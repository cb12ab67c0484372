import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { LoginThrottle } from './login-throttle.entity.js';
import { LoginThrottlesRepository } from './login-throttles.repository.js';
import { RequestCount } from './request-count.entity.js';
import { RequestCountsRepository } from './request-counts.repository.js';
import { RequestLimitService } from './request-limit.service.js';
import { LoginThrottlingService } from './login-throttling.service.js';

@Module({
  imports: [TypeOrmModule.forFeature([LoginThrottle, RequestCount])],
  providers: [LoginThrottlesRepository, RequestCountsRepository, RequestLimitService, LoginThrottlingService],
  exports: [RequestLimitService, LoginThrottlingService],
})
export class ThrottlingModule {}
