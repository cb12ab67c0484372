import { Injectable } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import { VERSION } from '../config/version.js';
import { Database } from '../database/database.js';

export type LoginResult = 'success' | 'failure' | 'inactive' | 'throttled';

/** From the time of a single row to a client's timeout. */
const DURATION_BUCKETS_SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/** Event loop, memory and CPU. Created once per process, because tests create several apps in one. */
const PROCESS_REGISTRY = new Registry();
collectDefaultMetrics({ register: PROCESS_REGISTRY });

/** The program's metrics for Prometheus. */
@Injectable()
export class Metrics {
  private readonly registry = new Registry();
  private readonly registers = [this.registry];

  private readonly requests = new Histogram({
    name: 'http_request_duration_seconds',
    help: 'Time from the headers of a request to the end of its response, by route pattern.',
    labelNames: ['method', 'route', 'status'],
    buckets: DURATION_BUCKETS_SECONDS,
    registers: this.registers,
  });

  private inFlight = 0;

  private readonly logins = new Counter({
    name: 'logins_total',
    help: 'Logins by result; throttled logins were rejected before or after the password check.',
    labelNames: ['result'],
    registers: this.registers,
  });

  private readonly limited = new Counter({
    name: 'http_requests_limited_total',
    help: 'Requests that were rejected because their address sent too many.',
    registers: this.registers,
  });

  readonly contentType = this.registry.contentType;

  constructor(database: Database) {
    for (const result of ['success', 'failure', 'inactive', 'throttled']) this.logins.inc({ result }, 0);
    new Gauge({
      name: 'stock_tracker_info',
      help: 'Version and database engine of the process.',
      labelNames: ['version', 'engine'],
      registers: this.registers,
    }).set({ version: VERSION, engine: database.dialect.engine }, 1);
    const inFlight = () => this.inFlight;
    const { metric, help, read: load } = database.load;
    new Gauge({
      name: 'http_requests_in_flight',
      help: 'Requests without a response so far.',
      registers: this.registers,
      collect() {
        this.set(inFlight());
      },
    });
    new Gauge({
      name: metric,
      help,
      labelNames: ['state'],
      registers: this.registers,
      collect() {
        for (const [state, count] of Object.entries(load())) this.set({ state }, count);
      },
    });
    new Gauge({
      name: 'database_streams',
      help: 'Long lists that are being read or waiting.',
      labelNames: ['state'],
      registers: this.registers,
      collect() {
        for (const [state, count] of Object.entries(database.streamLoad)) this.set({ state }, count);
      },
    });
  }

  /** Adds a number that is read when the metrics are. */
  addGauge(name: string, help: string, read: () => number): void {
    new Gauge({
      name,
      help,
      registers: this.registers,
      collect() {
        this.set(read());
      },
    });
  }

  startRequest(): void {
    this.inFlight++;
  }

  endRequest({ method, routeOptions }: FastifyRequest, { statusCode, elapsedTime }: FastifyReply): void {
    this.inFlight--;
    const labels = { method, route: routeOptions.url ?? 'unknown', status: statusCode };
    this.requests.observe(labels, elapsedTime / 1000);
  }

  countLogin(result: LoginResult): void {
    this.logins.inc({ result });
  }

  countLimitedRequest(): void {
    this.limited.inc();
  }

  /** Returns all metrics in Prometheus' text format. */
  async write(): Promise<string> {
    return `${await this.registry.metrics()}\n${await PROCESS_REGISTRY.metrics()}`;
  }
}
