import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { until } from './until.js';

/** Between two rounds of a clerk, in milliseconds: a program that starts beside them needs the processor, too. */
const BREATH = 20;

/** So many are enough to tell what goes wrong. */
const MAX_FAILURES = 20;

interface Answer {
  status: number;
  body: { id: number; quantity: number; sku: string };
}

/**
 * Clerks who read, count stock and add items, all at once, over connections that stay open. The
 * ledger has what the program has told them is done, for {@link losses} to look for.
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
  private isOver = false;
  private readonly clerks: Promise<void>[];

  /**
   * @param origins where the clerks turn to, each to one at first and to the next when that is given up
   * @param itemIds in stock; each clerk counts one
   */
  constructor(
    private readonly origins: string[],
    private readonly accessToken: string,
    itemIds: number[],
  ) {
    this.clerks = itemIds.map((itemId, index) => this.work(itemId, index));
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

  async stop(): Promise<void> {
    this.isOver = true;
    await Promise.all(this.clerks);
  }

  /** The acknowledged writes that are not there. */
  async losses(origin: string): Promise<string[]> {
    const list = async (path: string) => {
      const response = await fetch(`${origin}/api/v1${path}`, { headers: this.headers });
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

  private async work(itemId: number, clerk: number): Promise<void> {
    const unheard: number[] = [];
    for (let count = 1; !this.isOver && this.failures.length < MAX_FAILURES; count++) {
      const sku = `${this.name}-${clerk}-${count}`;
      await this.send(clerk, 'GET', '/stock/by-category', 200);
      const counted = await this.send(clerk, 'PATCH', `/stock/${itemId}`, 200, { quantity: count });
      if (!counted) unheard.push(count);
      else this.quantities.set(itemId, new Set([counted.body.quantity, ...unheard]));
      const item = { category_id: 1, name: sku, sku, unit_price: 1 };
      const added = await this.send(clerk, 'POST', '/items', 201, item);
      if (added) this.skus.push(added.body.sku);
      await this.send(clerk, 'GET', `/items/${itemId}`, 200);
      await sleep(BREATH);
    }
  }

  /** The answer, when it is the one expected. */
  private async send(
    clerk: number,
    method: string,
    path: string,
    expected: number,
    body?: object,
  ): Promise<Answer | undefined> {
    const reachable = this.origins.filter((origin) => !this.abandoned.has(origin));
    const origin = reachable[clerk % reachable.length] ?? '';
    try {
      const response = await fetch(`${origin}/api/v1${path}`, {
        method,
        headers: this.headers,
        body: body && JSON.stringify(body),
        signal: AbortSignal.timeout(20_000),
      });
      const text = await response.text();
      if (response.status === expected) {
        if (method !== 'GET') this.writes++;
        return { status: response.status, body: JSON.parse(text) as Answer['body'] };
      }
      this.failures.push(`${method} ${path}: ${response.status} ${text}`);
    } catch (error) {
      if (this.abandoned.has(origin)) return undefined;
      this.failures.push(`${method} ${path}: ${String((error as Error).cause ?? error)}`);
    }
    return undefined;
  }

  private get headers(): Record<string, string> {
    return { Authorization: `Bearer ${this.accessToken}`, 'Content-Type': 'application/json' };
  }
}
