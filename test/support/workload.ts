import { randomBytes } from 'node:crypto';
import { PacedClients } from '../../bench/paced-clients.js';
import { until } from './until.js';

/** Between two rounds of a clerk: a program that starts beside them needs the processor, too. */
const PAUSE_MS = 20;

/** So many are enough to show what goes wrong. */
const MAX_FAILURES = 20;

interface Body {
  id: number;
  quantity: number;
  sku: string;
}

/**
 * Clerks who read, count stock and add items, all at once, over connections that stay open. What
 * the program has confirmed is remembered, for {@link losses} to look for.
 */
export class Workload {
  /** What went wrong, but for connections to origins that were given up. */
  readonly failures: string[] = [];
  /** Writes that were acknowledged. */
  writes = 0;
  private readonly name = randomBytes(4).toString('hex');
  private readonly abandoned = new Set<string>();
  private readonly skus: string[] = [];
  /** What each item's quantity may be: the last one acknowledged, and those of which nobody heard. */
  private readonly quantities = new Map<number, Set<number>>();
  /** For each clerk the quantities of which nobody heard. */
  private readonly unheard: number[][];
  private readonly clients: PacedClients;

  /**
   * @param origins where the clerks turn to, each to one at first and to the next when that is given up
   * @param itemIds in stock; each clerk counts one
   */
  constructor(
    private readonly origins: string[],
    private readonly accessToken: string,
    private readonly itemIds: number[],
  ) {
    this.unheard = itemIds.map(() => []);
    this.clients = new PacedClients({
      pauseMs: PAUSE_MS,
      onFailure: (message) => {
        this.failures.push(message);
        if (this.failures.length === MAX_FAILURES) void this.stop();
      },
      mayBreak: (origin) => this.abandoned.has(origin),
    });
    this.clients.start(itemIds.length, (clerk, round) => this.work(clerk, round));
  }

  /** Says that connections to the origin may break from now on. */
  abandon(origin: string): void {
    this.abandoned.add(origin);
  }

  /** Waits until so many more writes are acknowledged, or something went wrong. */
  async goOn(writes: number): Promise<void> {
    const enough = this.writes + writes;
    await until(() => this.writes >= enough || this.failures.length > 0);
  }

  stop(): Promise<void> {
    return this.clients.stop();
  }

  /** The acknowledged writes that are not there. */
  async losses(origin: string): Promise<string[]> {
    const list = async (path: string) => {
      const headers = { Authorization: `Bearer ${this.accessToken}` };
      const response = await fetch(`${origin}/api/v1${path}`, { headers });
      return (await response.json()) as { item_id: number; quantity: number; sku: string }[];
    };
    const skus = new Set((await list('/items')).map(({ sku }) => sku));
    const stock = new Map((await list('/stock')).map(({ item_id, quantity }) => [item_id, quantity]));
    return [
      ...this.skus.filter((sku) => !skus.has(sku)).map((sku) => `the item ${sku}`),
      ...[...this.quantities]
        .filter(([itemId, possible]) => !possible.has(stock.get(itemId) ?? NaN))
        .map(([itemId, possible]) => `${[...possible].join(' or ')} of item ${itemId}`),
    ];
  }

  private async work(clerk: number, round: number): Promise<void> {
    const itemId = this.itemIds[clerk] ?? 0;
    const sku = `${this.name}-${clerk}-${round}`;
    await this.send(clerk, 'GET', '/stock/by-category', 200);
    const counted = await this.send(clerk, 'PATCH', `/stock/${itemId}`, 200, { quantity: round });
    const unheard = this.unheard[clerk] ?? [];
    if (!counted) unheard.push(round);
    else this.quantities.set(itemId, new Set([counted.quantity, ...unheard]));
    const item = { category_id: 1, name: sku, sku, unit_price: 1 };
    const added = await this.send(clerk, 'POST', '/items', 201, item);
    if (added) this.skus.push(added.sku);
    await this.send(clerk, 'GET', `/items/${itemId}`, 200);
    await this.clients.pause();
  }

  /** The body of the response, when it is the one expected. */
  private async send(
    clerk: number,
    method: 'GET' | 'PATCH' | 'POST',
    path: string,
    expected: number,
    body?: object,
  ): Promise<Body | undefined> {
    const reachable = this.origins.filter((origin) => !this.abandoned.has(origin));
    const origin = reachable[clerk % reachable.length] ?? '';
    const received = (await this.clients.send({
      origin,
      token: this.accessToken,
      method,
      path,
      expected,
      ...(body && { body }),
    })) as Body | undefined;
    if (received && method !== 'GET') this.writes++;
    return received;
  }
}
