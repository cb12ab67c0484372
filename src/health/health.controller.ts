import { Controller, Get } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import {
  HealthCheck,
  type HealthCheckResult,
  HealthCheckService,
  TypeOrmHealthIndicator,
} from '@nestjs/terminus';
import { Public } from '../access/public.decorator.js';
import { DrainingService } from './draining.service.js';
import { MigrationsHealthIndicator } from './migrations.health-indicator.js';

@ApiTags('Health')
@Public()
@Controller('health')
export class HealthController {
  constructor(
    private readonly health: HealthCheckService,
    private readonly database: TypeOrmHealthIndicator,
    private readonly migrations: MigrationsHealthIndicator,
    private readonly draining: DrainingService,
  ) {}

  /**
   * Tell that the process is alive
   *
   * @remarks Fails only when the process should be started anew.
   */
  @Get('live')
  @HealthCheck()
  checkLiveness(): Promise<HealthCheckResult> {
    return this.health.check([]);
  }

  /**
   * Tell whether requests can be served
   *
   * @remarks The database answers and its schema is the one that this program was made for.
   * @throws {503} Not now.
   */
  @Get('ready')
  @HealthCheck()
  checkReadiness(): Promise<HealthCheckResult> {
    return this.health.check([
      () => this.draining.check('process'),
      () => this.database.pingCheck('database'),
      () => this.migrations.check('migrations'),
    ]);
  }
}
