import { Controller, Get } from '@nestjs/common';
import { ApiOkResponse, ApiTags } from '@nestjs/swagger';
import {
  HealthCheck,
  type HealthCheckResult,
  HealthCheckService,
  TypeOrmHealthIndicator,
} from '@nestjs/terminus';
import { InjectDataSource } from '@nestjs/typeorm';
import type { DataSource } from 'typeorm';
import { Public } from '../authorization/public.decorator.js';
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
    private readonly database: TypeOrmHealthIndicator,
    private readonly migrations: MigrationsHealthIndicator,
    private readonly draining: DrainingService,
    @InjectDataSource() private readonly dataSource: DataSource,
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
   * @remarks The database is reachable and its schema is up to date.
   * @throws {503} The database is not reachable or not up to date, or the process is shutting down.
   */
  @Get('ready')
  @HealthCheck(UNDOCUMENTED)
  @ApiOkResponse({ type: HealthResponse })
  checkReadiness(): Promise<HealthCheckResult> {
    return this.health.check([
      () => this.draining.check('process'),
      () => this.database.pingCheck('database', { connection: this.dataSource }),
      () => this.migrations.check('migrations'),
    ]);
  }
}
