import { Module } from '@nestjs/common';
import { TerminusModule } from '@nestjs/terminus';
import { DatabaseHealthIndicator } from './database.health-indicator.js';
import { DrainingService } from './draining.service.js';
import { HealthController } from './health.controller.js';
import { MigrationsHealthIndicator } from './migrations.health-indicator.js';

@Module({
  imports: [TerminusModule.forRoot({ logger: false })],
  controllers: [HealthController],
  providers: [DatabaseHealthIndicator, DrainingService, MigrationsHealthIndicator],
})
export class HealthModule {}
