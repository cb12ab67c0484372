import { Controller, Get, Res, UseGuards } from '@nestjs/common';
import { ApiOkResponse, ApiProduces, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { Public } from '../authorization/public.decorator.js';
import { ApiErrors } from '../errors/api-errors.decorator.js';
import { Metrics } from './metrics.js';
import { MetricsGuard } from './metrics.guard.js';

@ApiTags('Health')
@Public()
@UseGuards(MetricsGuard)
@Controller('metrics')
export class MetricsController {
  constructor(private readonly metrics: Metrics) {}

  /**
   * Get the metrics of the process
   *
   * @remarks In Prometheus' text format. The bearer token is METRICS_TOKEN, not an access token. In development, no token
   * is needed while METRICS_TOKEN is not set.
   * @throws {401} The bearer token is not METRICS_TOKEN.
   * @throws {404} METRICS_TOKEN is not set, in production.
   */
  @Get()
  @ApiErrors('not_authenticated', 'invalid_token')
  @ApiProduces('text/plain')
  @ApiOkResponse({ schema: { type: 'string', example: 'process_cpu_seconds_total 1.25' } })
  async scrapeMetrics(@Res({ passthrough: true }) reply: FastifyReply): Promise<string> {
    void reply.header('cache-control', 'no-store').type(this.metrics.contentType);
    return this.metrics.write();
  }
}
