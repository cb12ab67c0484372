import { once } from 'node:events';
import type { Server as HttpServer } from 'node:http';
import { Server } from 'node:net';
import { setImmediate as nextEventLoopTurn, setTimeout as sleep } from 'node:timers/promises';
import { type BeforeApplicationShutdown, Injectable, type OnModuleInit } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { FastifyAdapter } from '@nestjs/platform-fastify';
import { type HealthIndicatorResult, HealthIndicatorService } from '@nestjs/terminus';
import { Settings } from '../config/settings.js';

/** For load balancers that ask /health/ready, to hear that this replica leaves; in milliseconds. */
const READINESS_DELAY_MS = 1_000;

/**
 * For load balancers to let go of the connections that they keep idle. Longer than nginx's `keepalive_timeout`
 * (deploy/nginx.conf.template).
 */
const IDLE_TIMEOUT_MS = 2_000;

/** For requests that are still being answered. */
const DRAIN_TIMEOUT_MS = 10_000;

/** A turn of the event loop in which next to nothing happened, in milliseconds. */
const QUIET_TURN_MS = 0.2;

/** For such a turn to come. */
const QUIET_TURN_TIMEOUT_MS = 500;

/**
 * Ends the service on SIGTERM in production without dropping a request, in the order that a load balancer needs: say
 * that this replica isn't ready, stop taking connections, close the ones there are after their next answer, and the idle
 * ones last. A connection that is closed while a request travels on it loses that request, and a POST can't be sent again
 * blindly.
 */
@Injectable()
export class DrainingService implements OnModuleInit, BeforeApplicationShutdown {
  private isDraining = false;
  private isClosing = false;

  constructor(
    private readonly host: HttpAdapterHost<FastifyAdapter>,
    private readonly indicators: HealthIndicatorService,
    private readonly settings: Settings,
  ) {}

  check<Key extends string>(key: Key): HealthIndicatorResult<Key> {
    const indicator = this.indicators.check(key);
    return this.isDraining ? indicator.down('shutting down') : indicator.up();
  }

  onModuleInit(): void {
    // At the last moment before an answer goes, so that requests which came before the end hear of it, too.
    this.host.httpAdapter.getInstance().addHook('onSend', (_request, reply, _payload, done) => {
      if (this.isClosing) reply.header('connection', 'close');
      done();
    });
  }

  async beforeApplicationShutdown(signal?: string): Promise<void> {
    const server = this.host.httpAdapter.getHttpServer<HttpServer>();
    if (signal !== 'SIGTERM' || this.settings.environment !== 'production' || !server.listening) return;
    this.isDraining = true;
    await sleep(READINESS_DELAY_MS);
    const drained = once(server, 'close', { signal: AbortSignal.timeout(DRAIN_TIMEOUT_MS) }).catch(
      () => undefined,
    );
    await waitForQuietTurn();
    this.isClosing = true;
    // `http.Server` would close the idle connections at once.
    Server.prototype.close.call(server);
    await Promise.race([drained, sleep(IDLE_TIMEOUT_MS)]);
    const sweep = setInterval(() => {
      server.closeIdleConnections();
    }, 50);
    await drained;
    clearInterval(sweep);
    server.closeAllConnections();
  }
}

/**
 * Waits for a turn of the event loop that found nothing to do. The system resets connections that it holds ready when the
 * program stops listening: after such a turn, there are none.
 */
async function waitForQuietTurn(): Promise<void> {
  const deadline = performance.now() + QUIET_TURN_TIMEOUT_MS;
  let start: number;
  do {
    start = performance.now();
    await nextEventLoopTurn();
  } while (performance.now() - start > QUIET_TURN_MS && start < deadline);
}
