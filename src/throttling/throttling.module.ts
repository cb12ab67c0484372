import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { LoginThrottle } from './login-throttle.entity.js';
import { LoginThrottlesRepository } from './login-throttles.repository.js';
import { ThrottlingService } from './throttling.service.js';

@Module({
  imports: [TypeOrmModule.forFeature([LoginThrottle])],
  providers: [LoginThrottlesRepository, ThrottlingService],
  exports: [ThrottlingService],
})
export class ThrottlingModule {}
