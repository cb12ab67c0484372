import { Injectable, type OnModuleDestroy } from '@nestjs/common';
import { AuthService } from '../auth/auth.service.js';
import type { StockMovement } from '../ledger/stock-movement.entity.js';
import { type LedgerPosition, LedgerTail } from '../ledger/ledger-tail.js';
import type { Role } from '../platform/authorization/role.js';
import { RetryLaterException } from '../platform/errors/retry-later.exception.js';
import { Metrics } from '../platform/metrics/metrics.js';
import { movementResponseOf } from './dto/movement-response.dto.js';
import { EventStream, eventOf } from './event-stream.js';

/** Clients of one process. */
export const MAX_STREAMS = 1_000;

/** How often the ledger is looked at while somebody listens: replicas write to it as well. */
const POLL_INTERVAL_MS = 100;

/** Shorter than a minute, after which proxies close a silent connection. Who may not listen any more is found out then, too. */
const HEARTBEAT_INTERVAL_MS = 15_000;

/** Movements that are read at once. */
const PAGE = 500;

/**
 * What a client gets first that is behind, and twice as many each time after. One that loses its connection at once has cost little
 * and is a bit further: with full pages, many such clients keep a server busy with what none of them receives.
 */
const FIRST_PAGE = 25;

/**
 * Sends every movement to every client that listens, in the order of their ids: none is missed and none comes twice, whichever
 * replica recorded it and however often a client connects again.
 */
@Injectable()
export class MovementFeed implements OnModuleDestroy {
  /** All streams, with the id after which each one continues; undefined while it still reads what was recorded before. */
  private readonly streams = new Map<EventStream, number | undefined>();
  private position: Promise<LedgerPosition> | undefined;
  private timers: NodeJS.Timeout[] = [];
  private isStopped = false;

  constructor(
    private readonly tail: LedgerTail,
    private readonly auth: AuthService,
    metrics: Metrics,
  ) {
    metrics.addGauge('movement_streams', 'Clients that listen to movements.', () => this.streams.size);
  }

  /**
   * @param after sends the movements after this id; those from now on unless it is given
   * @throws RetryLaterException 503 when too many clients listen, or the program is stopping
   */
  async open(accessToken: string, role: Role, after: number | undefined): Promise<EventStream> {
    if (this.isStopped) throw new RetryLaterException('service_unavailable', 'The server is stopping', 1);
    if (this.streams.size >= MAX_STREAMS) {
      throw new RetryLaterException('service_unavailable', 'Too many clients listen to movements', 10);
    }
    const stream = new EventStream(accessToken, role);
    this.streams.set(stream, undefined);
    stream.once('close', () => {
      this.streams.delete(stream);
      if (this.streams.size === 0) this.pause();
    });
    try {
      const position = await this.start();
      void this.catchUp(stream, after ?? position.id, position);
    } catch (error) {
      stream.destroy();
      throw error;
    }
    return stream;
  }

  onModuleDestroy(): void {
    this.isStopped = true;
    this.pause();
    for (const stream of this.streams.keys()) stream.end();
  }

  private start(): Promise<LedgerPosition> {
    this.position ??= this.tail.open().then(
      (position) => {
        if (!this.isStopped && this.streams.size > 0) {
          this.timers = [
            setTimeout(() => void this.poll(position), POLL_INTERVAL_MS),
            setInterval(() => void this.heartbeat(), HEARTBEAT_INTERVAL_MS),
          ];
        }
        return position;
      },
      (error: unknown) => {
        this.position = undefined;
        throw error;
      },
    );
    return this.position;
  }

  private pause(): void {
    for (const timer of this.timers) clearTimeout(timer);
    this.timers = [];
    this.position = undefined;
  }

  /** Sends what was recorded before, page by page, as fast as the client reads. */
  private async catchUp(stream: EventStream, after: number, position: LedgerPosition): Promise<void> {
    let last = after;
    try {
      for (let limit = FIRST_PAGE; last < position.id; limit = Math.min(2 * limit, PAGE)) {
        const until = position.id;
        const movements = (await this.tail.read(last, limit)).filter(({ id }) => id <= until);
        if (stream.destroyed || !(await stream.sendSlowly(eventsOf(movements, stream.role)))) return;
        last = movements.at(-1)?.id ?? until;
      }
    } catch {
      // The database is not there: the client connects again, and continues where it was.
      stream.destroy();
    }
    if (!stream.destroyed) this.streams.set(stream, last);
  }

  private async poll(position: LedgerPosition): Promise<void> {
    try {
      for (let movements; (movements = await position.readNext(PAGE)).length > 0;) this.broadcast(movements);
    } catch {
      // The database is not there, and the next poll tries again.
    }
    if (this.timers.length > 0) this.timers[0] = setTimeout(() => void this.poll(position), POLL_INTERVAL_MS);
  }

  private broadcast(movements: StockMovement[]): void {
    const [first, end] = [movements[0], movements.at(-1)] as [StockMovement, StockMovement];
    const texts = new Map<Role, string>();
    for (const [stream, last] of this.streams) {
      if (last === undefined) continue;
      const { role } = stream;
      if (!texts.has(role)) texts.set(role, eventsOf(movements, role));
      const isAll = last < first.id;
      const unseen = () => movements.filter(({ id }) => id > last);
      stream.send(isAll ? (texts.get(role) as string) : eventsOf(unseen(), role));
      this.streams.set(stream, Math.max(last, end.id));
    }
  }

  /** Ends the streams of users who may not listen any more, or whose access token has expired. */
  private async heartbeat(): Promise<void> {
    for (const stream of this.streams.keys()) {
      stream.sendHeartbeat();
      const user = await this.auth.authenticateToken(stream.accessToken).catch(() => undefined);
      if (user) stream.role = user.role;
      else stream.end();
    }
  }
}

function eventsOf(movements: StockMovement[], role: Role): string {
  return movements.map((movement) => eventOf(movement.id, movementResponseOf(movement, role))).join('');
}
