import { Module } from '@nestjs/common';
import { TerminusModule } from '@nestjs/terminus';
import { DrainingService } from './draining.service.js';
import { HealthController } from './health.controller.js';
import { MigrationsHealthIndicator } from './migrations.health-indicator.js';

@Module({
  imports: [TerminusModule.forRoot({ logger: false })],
  controllers: [HealthController],
  providers: [DrainingService, MigrationsHealthIndicator],
})
export class HealthModule {}
