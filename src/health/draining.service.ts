import { once } from 'node:events';
import type { Server as HttpServer } from 'node:http';
import { Server } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { type BeforeApplicationShutdown, Injectable } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { Settings } from '../config/settings.js';
import { type HealthIndicatorResult, HealthIndicatorService } from '@nestjs/terminus';
import type { FastifyAdapter } from '@nestjs/platform-fastify';

/** For load balancers that ask /health/ready, to hear that this replica leaves; in milliseconds. */
const NOTICE = 1_000;

/** For load balancers to let go of the connections that they keep idle, which nginx does after `keepalive_timeout`. */
const IDLE_GRACE = 1_500;

/** For requests that are still being answered. */
const PATIENCE = 10_000;

/**
 * Ends the service on SIGTERM (in production) without dropping a request, in the order that a load balancer needs: say that this replica
 * isn't ready, stop taking connections, close the ones there are after their next answer, and the idle ones last.
 * A connection that is closed while a request travels on it loses that request, and a POST can't be sent again blindly.
 */
@Injectable()
export class DrainingService implements BeforeApplicationShutdown {
  private isDraining = false;

  constructor(
    private readonly host: HttpAdapterHost<FastifyAdapter>,
    private readonly indicators: HealthIndicatorService,
    private readonly settings: Settings,
  ) {}

  check<Key extends string>(key: Key): HealthIndicatorResult<Key> {
    const indicator = this.indicators.check(key);
    return this.isDraining ? indicator.down('shutting down') : indicator.up();
  }

  async beforeApplicationShutdown(signal?: string): Promise<void> {
    const server = this.host.httpAdapter.getHttpServer<HttpServer>();
    if (signal !== 'SIGTERM' || this.settings.environment !== 'production' || !server.listening) return;
    this.isDraining = true;
    await sleep(NOTICE);
    server.prependListener('request', (_request, response) => response.setHeader('Connection', 'close'));
    const drained = once(server, 'close', { signal: AbortSignal.timeout(PATIENCE) }).catch(() => undefined);
    // `http.Server` would close the idle connections at once.
    Server.prototype.close.call(server);
    await Promise.race([drained, sleep(IDLE_GRACE)]);
    const sweep = setInterval(() => {
      server.closeIdleConnections();
    }, 50);
    await drained;
    clearInterval(sweep);
  }
}
