import { randomUUID } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { setTimeout as sleep } from 'node:timers/promises';
import { until } from './until.js';

interface Line {
  id: number;
  quantity: number;
}

/** A cart as it must be. */
interface Sale {
  status: 'draft' | 'completed' | 'deleted';
  /** By item. */
  lines: Map<number, Line>;
  /** Ids and amounts. */
  refunds: [number, number][];
}

/** A closing as it was acknowledged. */
interface Closing {
  sequence: number;
  hash: string;
}

/**
 * `down`: connections may break, and no new request is sent. `settling`: requests whose connections broke are sent again.
 * `over`: each till ends its sale.
 */
type Mode = 'working' | 'down' | 'settling' | 'over';

type Answer = Record<string, unknown> & { id: number };

/** In stock from the start, and enough of it. */
const ITEM_IDS = [1, 2, 3, 4, 5, 6, 7, 8];
const QUANTITY_IN_STOCK = 1_000_000;
/** Between two closings, in milliseconds: most sales find their day open. */
const CLOSING_PAUSE_MS = 50;
/** Before a request that was answered by a 503 is sent again, in milliseconds. */
const RETRY_PAUSE_MS = 50;

/**
 * Tills that sell through carts, and one person who closes the day and opens it again. When the program is gone, each of them
 * sends its last request again, with the same key, until it is back. So all know what must be there, however often it dies.
 */
export class Tills {
  /** Answers that nobody expected, and connections that broke while the program was not being ended. */
  readonly failures: string[] = [];
  acknowledged = 0;
  private readonly sales = new Map<number, Sale>();
  private readonly closings = new Map<number, Closing[]>();
  private workers: Promise<void>[] = [];
  /** Requests that are not answered yet, and those of them that wait for the program to be back. */
  private pending = 0;
  private broken = 0;
  private mode: Mode = 'working';
  private waiting: (() => void)[] = [];
  private sold = 0;

  /** @param options isPatient: whether a 503 is no failure, and the request is sent again */
  constructor(
    private readonly origin: string,
    private readonly accessToken: string,
    private readonly options: { isPatient?: boolean } = {},
  ) {}

  /** @param closesDays whether one of the workers closes the day and opens it again, in place of selling */
  start(workers: number, closesDays = true): void {
    this.enter('working');
    if (this.workers.length > 0) return;
    this.workers = Array.from({ length: workers }, (_, index) =>
      (closesDays && index === 0 ? this.closeDays() : this.sell()).catch((error: unknown) => {
        this.failures.push(String(error));
      }),
    );
  }

  /** Connections may break from now on, and no new request is sent. */
  expectEnd(): void {
    this.enter('down');
  }

  /** Waits until every till has noticed the end. */
  async ended(): Promise<void> {
    await until(() => this.broken === this.pending || this.failures.length > 0);
  }

  /** Lets the tills finish what they have begun. */
  async stop(): Promise<void> {
    this.enter('over');
    await Promise.all(this.workers);
  }

  /** What the program itself finds wrong in stock or ledger; null when there is nothing. */
  async firstProblem(): Promise<unknown> {
    const response = await this.fetch('GET', '/stock/ledger/verify');
    return ((await response.json()) as { first_problem: unknown }).first_problem;
  }

  /** What is not there, or not as it must be, after the tills have sent again what they don't know the outcome of. */
  async disagreements(): Promise<string[]> {
    this.enter('settling');
    await until(() => this.pending === 0 || this.failures.length > 0);
    const found: string[] = [];
    for (const [id, sale] of this.sales) {
      const kept = await this.readSale(id);
      if (!isDeepStrictEqual(kept, sale))
        found.push(`Cart ${id} is ${describe(kept)}, not ${describe(sale)}`);
    }
    for (const [id, closings] of this.closings) {
      const kept = await this.readClosings(id);
      if (!isDeepStrictEqual(kept, closings)) {
        found.push(`Account ${id} was closed as ${JSON.stringify(kept)}, not as ${JSON.stringify(closings)}`);
      }
    }
    return found;
  }

  /** Fills the shelves, so that no till runs out. */
  async stockUp(): Promise<void> {
    for (const id of ITEM_IDS) await this.send('PATCH', `/stock/${id}`, { quantity: QUANTITY_IN_STOCK });
  }

  private async sell(): Promise<void> {
    while (await this.mayGoOn()) {
      const number = this.sold++;
      const sale: Sale = { status: 'draft', lines: new Map(), refunds: [] };
      const { id } = await this.send(
        'POST',
        '/carts',
        number % 2 ? { desk_number: `${new URL(this.origin).port}-${number}` } : undefined,
      );
      this.sales.set(id, sale);
      for (const item_id of [0, 1, 2].map((offset) => itemAt(number + offset))) {
        const line = await this.send('POST', `/carts/${id}/items`, { item_id, quantity: 1.5 });
        sale.lines.set(item_id, { id: line.id, quantity: 1.5 });
      }
      await this.change(id, sale, itemAt(number), 2.25);
      await this.change(id, sale, itemAt(number + 1), 0.5);
      await this.change(id, sale, itemAt(number + 2), 0);
      // Every fifth cart stays a draft.
      if (number % 5 === 1) continue;
      const status = number % 5 === 2 ? 'deleted' : 'completed';
      await this.send('POST', `/carts/${id}/${status === 'deleted' ? 'delete' : 'complete'}`);
      sale.status = status;
      if (number % 5 === 3) await this.refund(id, sale);
    }
  }

  private async change(cartId: number, sale: Sale, itemId: number, quantity: number): Promise<void> {
    const line = sale.lines.get(itemId) as Line;
    await this.send('PATCH', `/carts/${cartId}/items/${line.id}`, { quantity });
    if (quantity === 0) sale.lines.delete(itemId);
    else sale.lines.set(itemId, { ...line, quantity });
  }

  private async refund(cartId: number, sale: Sale): Promise<void> {
    const [{ id: cart_item_id }] = [...sale.lines.values()] as [Line];
    for (const restock of [true, false]) {
      const lines = [{ cart_item_id, quantity: 0.75, restock }];
      const refund = await this.send('POST', `/carts/${cartId}/refunds`, { lines, reason: 'Bruised' });
      sale.refunds.push([refund.id, refund.amount as number]);
    }
  }

  private async closeDays(): Promise<void> {
    while (await this.mayGoOn()) {
      await sleep(CLOSING_PAUSE_MS);
      const account = await this.send('POST', '/daily-accounts/close', undefined, ['nothing_sold']);
      if (account.code === 'nothing_sold') continue;
      const { id, sequence, hash } = account as Answer & Closing;
      this.closings.set(id, [...(this.closings.get(id) ?? []), { sequence, hash }]);
      await sleep(CLOSING_PAUSE_MS);
      await this.send('POST', `/daily-accounts/${id}/open`, { reason: 'More customers' });
    }
  }

  private async readSale(id: number): Promise<Sale> {
    const response = await this.fetch('GET', `/carts/${id}`);
    const { cart, items, refunds } = (await response.json()) as {
      cart: { status: Sale['status'] };
      items: (Line & { item_id: number })[];
      refunds: { id: number; amount: number }[];
    };
    return {
      status: cart.status,
      lines: new Map(items.map(({ id, item_id, quantity }) => [item_id, { id, quantity }])),
      refunds: refunds.map(({ id, amount }) => [id, amount]),
    };
  }

  private async readClosings(accountId: number): Promise<Closing[]> {
    const response = await this.fetch('GET', `/daily-accounts/${accountId}/events`);
    const events = (await response.json()) as (Closing & { kind: string })[];
    return events.filter(({ kind }) => kind === 'closed').map(({ sequence, hash }) => ({ sequence, hash }));
  }

  /** Waits while the program is down. */
  private async mayGoOn(): Promise<boolean> {
    await this.waitFor('working', 'over');
    return this.mode === 'working';
  }

  private enter(mode: Mode): void {
    this.mode = mode;
    for (const goOn of this.waiting.splice(0)) goOn();
  }

  private async waitFor(...modes: Mode[]): Promise<void> {
    while (!modes.includes(this.mode)) await new Promise<void>((resolve) => this.waiting.push(resolve));
  }

  /**
   * Sends a request until it is answered.
   *
   * @param codes of refusals that are expected, too
   * @throws Error for any other refusal, and for a connection that breaks while the program is not being ended
   */
  private async send(method: string, path: string, body?: object, codes: string[] = []): Promise<Answer> {
    await this.waitFor('working', 'over');
    const key = randomUUID();
    this.pending++;
    for (;;) {
      try {
        const response = await this.fetch(method, path, body, key);
        const text = await response.text();
        if (this.options.isPatient && response.status === 503) {
          await sleep(RETRY_PAUSE_MS);
          continue;
        }
        const answer = JSON.parse(text || '{}') as Answer;
        if (!response.ok && !codes.includes(String(answer.code))) {
          throw new Error(`${method} ${path}: ${response.status} ${text}`);
        }
        this.pending--;
        this.acknowledged++;
        return answer;
      } catch (error) {
        // What fetch throws has a cause.
        if (!(error as Error).cause || this.mode !== 'down') throw error;
        this.broken++;
        await this.waitFor('settling');
        this.broken--;
      }
    }
  }

  private fetch(method: string, path: string, body?: object, key?: string): Promise<Response> {
    return fetch(`${this.origin}/api/v1${path}`, {
      method,
      headers: {
        Authorization: `Bearer ${this.accessToken}`,
        ...(key && { 'Idempotency-Key': key }),
        ...(body && { 'Content-Type': 'application/json' }),
      },
      body: body && JSON.stringify(body),
    });
  }
}

function itemAt(index: number): number {
  return ITEM_IDS[index % ITEM_IDS.length] as number;
}

function describe(sale: Sale): string {
  return JSON.stringify({ ...sale, lines: [...sale.lines] });
}
