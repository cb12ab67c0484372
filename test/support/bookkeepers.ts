import { isDeepStrictEqual } from 'node:util';

/** An item and its stock, as far as the writers keep them; null when the item isn't there. */
type Good = { item: Record<string, unknown>; quantity: number | null } | null;

/** A user, and whether the session opened at first is one still. */
interface Employee {
  is_active: boolean;
  hasSession: boolean;
}

interface Entry<State> {
  /** What may be there: one state, or two after a write of which nobody heard. */
  possible: State[];
}

type Item = Record<string, unknown> & { id: number; sku: string };
type Answer = Record<string, unknown> & { id: number; refresh_token: string };

const PASSWORD = 'Espresso2Go';
/** Of each good, which then stays, loses its stock, or is deleted. */
const UPDATES = 3;

/**
 * Writers who create, change and delete, and note of every row what must be there. Each row is written by one of them,
 * so that its state is known exactly. Every field of an item contains its version, so that half of a write shows.
 */
export class Bookkeepers {
  /** Answers that nobody expected, and connections that broke while the program was not being ended. */
  readonly failures: string[] = [];
  acknowledged = 0;
  private readonly goods = new Map<string, Entry<Good>>();
  private readonly employees = new Map<number, Entry<Employee> & { refreshToken: string }>();
  private writers: Promise<void>[] = [];
  private isEnding = false;
  private names = 0;

  constructor(
    private readonly origin: string,
    private readonly accessToken: string,
  ) {}

  start(writers: number): void {
    this.isEnding = false;
    this.writers = Array.from({ length: writers }, (_, index) =>
      index === 0 ? this.hire() : this.keepStock(index),
    );
  }

  /** Connections may break from now on. */
  expectEnd(): void {
    this.isEnding = true;
  }

  /** Waits until every writer has noticed the end. */
  async ended(): Promise<void> {
    await Promise.all(this.writers);
  }

  /** What the program itself finds wrong, in the stock or in the ledger; null when there is nothing. */
  async firstProblem(): Promise<unknown> {
    const response = await this.request('GET', '/stock/ledger/verify');
    return ((await response.json()) as { first_problem: unknown }).first_problem;
  }

  /** What is not there, or not as it must be. What is there is what must be there from then on. */
  async disagreements(): Promise<string[]> {
    const items = new Map((await this.list<Item>('/items')).map((item) => [item.sku, item]));
    const stock = await this.list<{ item_id: number; quantity: number }>('/stock');
    const quantities = new Map(stock.map(({ item_id, quantity }) => [item_id, quantity]));
    const users = await this.list<{ id: number; is_active: boolean }>('/users');
    const isActive = new Map(users.map(({ id, is_active }) => [id, is_active]));
    const found: string[] = [];
    for (const [sku, entry] of this.goods) {
      const item = items.get(sku);
      const good = item ? { item: fieldsOf(item), quantity: quantities.get(item.id) ?? null } : null;
      found.push(...settle(`Item ${sku}`, entry, good));
    }
    for (const [id, entry] of this.employees) {
      const refreshed = await this.request('POST', '/auth/refresh', { refresh_token: entry.refreshToken });
      const employee = { is_active: isActive.get(id) ?? false, hasSession: refreshed.status === 200 };
      found.push(...settle(`User ${id}`, entry, employee));
    }
    return found;
  }

  private async keepStock(writer: number): Promise<void> {
    while (!this.isOver) {
      const number = this.names++;
      const sku = `good-${writer}-${number}`;
      const entry: Entry<Good> = { possible: [null] };
      this.goods.set(sku, entry);
      let item = versionOf(sku, 0);
      let quantity: number | null = null;
      const write = (method: string, path: string, body?: object) =>
        this.write(entry, { item, quantity }, method, path, body);

      const created = await write('POST', '/items', item);
      if (!created) continue;
      const { id } = created;
      quantity = 0.5;
      if (!(await write('POST', '/stock', { item_id: id, quantity }))) continue;
      for (let version = 1; version <= UPDATES; version++) {
        quantity = version + 0.125;
        if (!(await write('PATCH', `/stock/${id}`, { quantity }))) break;
        item = versionOf(sku, version);
        if (!(await write('PATCH', `/items/${id}`, item))) break;
        quantity += 0.5;
        const delivery = { delta: 0.5, reason: 'delivery' };
        const delivered = await write('POST', `/stock/${id}/movements`, delivery);
        if (!delivered) break;
        quantity -= 0.25;
        const sales = [0.125, 0.125].map((sold) => ({ item_id: id, delta: -sold, reason: 'sale' }));
        if (!(await write('POST', '/stock/movements/batch', { movements: sales }))) break;
        quantity -= 0.5;
        if (!(await write('POST', `/stock/movements/${delivered.id}/reverse`))) break;
      }
      if (entry.possible.length > 1) continue;
      quantity = null;
      if (number % 3 === 1) await write('DELETE', `/stock/${id}`);
      if (number % 3 === 2) await this.write(entry, null, 'DELETE', `/items/${id}`);
    }
  }

  /** Users and their sessions end in one transaction. */
  private async hire(): Promise<void> {
    while (!this.isOver) {
      const username = `employee_${this.names++}`;
      const email = `${username}@shop.example`;
      const user = await this.send('POST', '/users/register', { username, email, password: PASSWORD });
      const tokens = user && (await this.send('POST', '/auth/login', { username, password: PASSWORD }));
      if (!tokens) continue;
      const entry: Entry<Employee> = { possible: [{ is_active: true, hasSession: true }] };
      this.employees.set(user.id, { ...entry, refreshToken: tokens.refresh_token });
      const noted = this.employees.get(user.id) ?? entry;
      const dismissed = { is_active: false, hasSession: false };
      await this.write(noted, dismissed, 'PATCH', `/users/${user.id}`, { is_active: false });
    }
  }

  private get isOver(): boolean {
    return this.isEnding || this.failures.length > 0;
  }

  /** Notes what may be there while the write is on its way, and what is there when it was acknowledged. */
  private async write<State>(
    entry: Entry<State>,
    after: State,
    method: string,
    path: string,
    body?: object,
  ): Promise<Answer | undefined> {
    entry.possible.push(after);
    const answer = await this.send(method, path, body);
    if (answer) entry.possible = [after];
    return answer;
  }

  /** The answer, when the write was acknowledged. */
  private async send(method: string, path: string, body?: object): Promise<Answer | undefined> {
    try {
      const response = await this.request(method, path, body);
      const text = await response.text();
      if (!response.ok) this.failures.push(`${method} ${path}: ${response.status} ${text}`);
      if (!response.ok) return undefined;
      this.acknowledged++;
      return JSON.parse(text || '{}') as Answer;
    } catch (error) {
      if (!this.isEnding) this.failures.push(`${method} ${path}: ${String((error as Error).cause ?? error)}`);
      return undefined;
    }
  }

  private async list<Row>(path: string): Promise<Row[]> {
    return (await (await this.request('GET', path)).json()) as Row[];
  }

  private request(method: string, path: string, body?: object): Promise<Response> {
    return fetch(`${this.origin}/api/v1${path}`, {
      method,
      headers: {
        Authorization: `Bearer ${this.accessToken}`,
        ...(body && { 'Content-Type': 'application/json' }),
      },
      body: body && JSON.stringify(body),
    });
  }
}

function versionOf(sku: string, version: number): Record<string, unknown> {
  return {
    sku,
    category_id: (version % 7) + 1,
    name: `${sku} in version ${version}`,
    description: `Version ${version}`,
    barcode: String(version),
    unit_price: version + 0.99,
    unit_type: `unit ${version}`,
    tax_rate: version,
    discount_rate: version,
  };
}

function fieldsOf(item: Item): Record<string, unknown> {
  return Object.fromEntries(Object.keys(versionOf('', 0)).map((field) => [field, item[field]]));
}

function settle<State>(name: string, entry: Entry<State>, found: State): string[] {
  const expected = entry.possible;
  entry.possible = [found];
  if (expected.some((state) => isDeepStrictEqual(state, found))) return [];
  return [
    `${name} is ${JSON.stringify(found)}, not ${expected.map((state) => JSON.stringify(state)).join(' or ')}`,
  ];
}
