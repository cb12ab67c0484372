import { once } from 'node:events';
import type { Server as HttpServer } from 'node:http';
import { Server } from 'node:net';
import { setImmediate as nextEventLoopTurn, setTimeout as sleep } from 'node:timers/promises';
import { type BeforeApplicationShutdown, Injectable, type OnModuleInit } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { FastifyAdapter } from '@nestjs/platform-fastify';
import { type HealthIndicatorResult, HealthIndicatorService } from '@nestjs/terminus';
import { Settings } from '../config/settings.js';

/** Time for load balancers to see in /health/ready that this replica is leaving. */
const READINESS_DELAY_MS = 1_000;

/**
 * Time for load balancers to close their idle connections. Longer than nginx's `keepalive_timeout`
 * (deploy/nginx.conf.template).
 */
const IDLE_TIMEOUT_MS = 2_000;

/** Time for requests that are still running. */
const DRAIN_TIMEOUT_MS = 10_000;

/** An event loop turn shorter than this did almost nothing. */
const QUIET_TURN_MS = 0.2;

const QUIET_TURN_TIMEOUT_MS = 500;

/**
 * Shuts down without dropping a request on SIGTERM in production. The order is what a load balancer needs: report not ready,
 * stop accepting connections, close each open connection after its next response, and close idle ones last. Closing a
 * connection while a request is on its way loses the request, and a client can't safely retry a POST.
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
    // Set when a response is sent, so that it applies to requests that came before the shutdown too.
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
    // `http.Server.close` would close idle connections at once.
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
 * Waits for an event loop turn with nothing to do. When a program stops listening, the system resets connections that are
 * waiting to be accepted. After an idle turn there are none.
 */
async function waitForQuietTurn(): Promise<void> {
  const deadline = performance.now() + QUIET_TURN_TIMEOUT_MS;
  let start: number;
  do {
    start = performance.now();
    await nextEventLoopTurn();
  } while (performance.now() - start > QUIET_TURN_MS && start < deadline);
}
