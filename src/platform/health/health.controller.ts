import { Controller, Get } from '@nestjs/common';
import { ApiOkResponse, ApiTags } from '@nestjs/swagger';
import { HealthCheck, type HealthCheckResult, HealthCheckService } from '@nestjs/terminus';
import { Public } from '../authorization/public.decorator.js';
import { DatabaseHealthIndicator } from './database.health-indicator.js';
import { DrainingService } from './draining.service.js';
import { HealthResponse } from './dto/health-response.dto.js';
import { MigrationsHealthIndicator } from './migrations.health-indicator.js';

/** Terminus would document its responses as unnamed schemas without required fields. */
const UNDOCUMENTED = { noCache: true, swaggerDocumentation: false };

@ApiTags('Health')
@Public()
@Controller('health')
export class HealthController {
  constructor(
    private readonly health: HealthCheckService,
    private readonly database: DatabaseHealthIndicator,
    private readonly migrations: MigrationsHealthIndicator,
    private readonly draining: DrainingService,
  ) {}

  /**
   * Check that the process is alive
   *
   * @remarks Fails only when the process should be restarted.
   * @throws {503} The process is shutting down.
   */
  @Get('live')
  @HealthCheck(UNDOCUMENTED)
  @ApiOkResponse({ type: HealthResponse })
  checkLiveness(): Promise<HealthCheckResult> {
    return this.health.check([]);
  }

  /**
   * Check that requests can be served
   *
   * @remarks The database can be written to and its schema is up to date.
   * @throws {503} The database is not reachable, read-only or not up to date, or the process is shutting down.
   */
  @Get('ready')
  @HealthCheck(UNDOCUMENTED)
  @ApiOkResponse({ type: HealthResponse })
  checkReadiness(): Promise<HealthCheckResult> {
    return this.health.check([
      () => this.draining.check('process'),
      () => this.database.check('database'),
      () => this.migrations.check('migrations'),
    ]);
  }
}
