import { createHmac } from 'node:crypto';
import { Role } from '../src/platform/authorization/role.js';
import type { CategoryResponse } from '../src/categories/dto/category-response.dto.js';
import type { ItemResponse } from '../src/items/dto/item-response.dto.js';
import type { CategoryStockResponse } from '../src/stock/dto/category-stock-response.dto.js';
import type { ListedStockEntryResponse } from '../src/stock/dto/stock-entry-response.dto.js';
import type { UserResponse } from '../src/users/dto/user-response.dto.js';
import { nonEmpty } from './support/non-empty.js';
import { ADMIN, PASSWORD, Shop } from './support/shop.js';

type Body = object | URLSearchParams | FormData;
type Fields = Record<string, unknown>;

interface Answer<T> {
  status: number;
  headers: Headers;
  body: T;
}

/** What a client was made for: where its page comes from, and how it sends a login. */
interface Kind {
  name: string;
  origin: string;
  loginForm: (fields: Record<string, string>) => Body;
  /** The mobile client keeps what is typed as text, the web client calculates with it. */
  decimal: (value: number) => number | string;
  /** What it sends for a field that nobody has filled in. */
  emptyText: string | null;
  emptyRate: number | null;
}

const WEB: Kind = {
  name: 'web',
  origin: 'http://localhost:3000',
  loginForm: (fields) => new URLSearchParams(fields),
  // 2.3 - 1 is 1.2999999999999998.
  decimal: (value) => value + 1 - 1,
  emptyText: '',
  emptyRate: 0,
};

const MOBILE: Kind = {
  name: 'mobile',
  origin: 'http://localhost:8081',
  loginForm: (fields) => {
    const form = new FormData();
    for (const [name, value] of Object.entries(fields)) form.set(name, value);
    return form;
  },
  decimal: String,
  emptyText: null,
  emptyRate: null,
};

/** A client written for the first program: it logs in, and when its access token has run out it refreshes it and tries again. */
class FirstClient {
  accessToken?: string;
  refreshToken?: string;
  refreshes = 0;

  constructor(
    private readonly url: string,
    private readonly kind: Kind,
  ) {}

  async login(username: string, password: string): Promise<void> {
    const form = this.kind.loginForm({ username, password });
    const { status, headers, body } = await this.fetch<Record<string, string>>('POST', '/auth/login', form);
    expect({ status, type: body.token_type }).toEqual({ status: 200, type: 'bearer' });
    expect(headers.get('cache-control')).toBe('no-store');
    this.accessToken = body.access_token;
    this.refreshToken = body.refresh_token;
  }

  async logout(): Promise<void> {
    await this.send(204, 'POST', '/auth/logout', { refresh_token: this.refreshToken });
  }

  async send<T = Fields>(status: number, method: string, path: string, body?: Body): Promise<T> {
    let answer = await this.fetch<T>(method, path, body);
    if (answer.status === 401 && (await this.refresh())) answer = await this.fetch<T>(method, path, body);
    expect([method, path, answer.status, answer.status === status ? null : answer.body]).toEqual([
      ...[method, path, status],
      null,
    ]);
    expect(answer.headers.get('access-control-allow-origin')).toBe(this.kind.origin);
    return answer.body;
  }

  get<T = Fields>(path: string): Promise<T> {
    return this.send<T>(200, 'GET', path);
  }

  /** What its browser asks before it sends anything but a form. */
  async preflight(method: string, path: string): Promise<Headers> {
    const response = await fetch(`${this.url}/api/v1${path}`, {
      method: 'OPTIONS',
      headers: {
        Origin: this.kind.origin,
        'Access-Control-Request-Method': method,
        'Access-Control-Request-Headers': 'authorization,content-type',
      },
    });
    expect(response.status).toBe(204);
    return response.headers;
  }

  /** Its access token as it is 15 minutes later. */
  expireAccessToken(): void {
    const [header = '', payload = ''] = this.accessToken?.split('.') ?? [];
    const claims = JSON.parse(Buffer.from(payload, 'base64url').toString()) as { iat: number; exp: number };
    const passed = claims.exp - claims.iat + 90;
    const expired = { ...claims, iat: claims.iat - passed, exp: claims.exp - passed };
    const signed = `${header}.${Buffer.from(JSON.stringify(expired)).toString('base64url')}`;
    const signature = createHmac('sha256', process.env.SECRET_KEY ?? '').update(signed);
    this.accessToken = `${signed}.${signature.digest('base64url')}`;
  }

  private async refresh(): Promise<boolean> {
    const { status, body } = await this.fetch<Record<string, string>>('POST', '/auth/refresh', {
      refresh_token: this.refreshToken,
    });
    if (status !== 200) return false;
    this.refreshes++;
    expect(body).toEqual({ access_token: expect.any(String), token_type: 'bearer' });
    this.accessToken = body.access_token;
    return true;
  }

  private async fetch<T>(method: string, path: string, body?: Body): Promise<Answer<T>> {
    const isForm = body instanceof URLSearchParams || body instanceof FormData;
    const response = await fetch(`${this.url}/api/v1${path}`, {
      method,
      // They don't follow: a redirect would lose the Authorization header.
      redirect: 'error',
      headers: {
        Origin: this.kind.origin,
        ...(this.accessToken && { Authorization: `Bearer ${this.accessToken}` }),
        ...(body && !isForm && { 'Content-Type': 'application/json' }),
      },
      body: isForm ? body : body && JSON.stringify(body),
    });
    const text = await response.text();
    return {
      status: response.status,
      headers: response.headers,
      body: (text === '' ? undefined : JSON.parse(text)) as T,
    };
  }
}

describe.each([WEB, MOBILE])('The first $name client', (kind) => {
  let shop: Shop;
  let client: FirstClient;

  beforeAll(async () => {
    shop = await Shop.open({ SEED_MOCK_DATA: 'true' });
    client = new FirstClient(shop.url, kind);
    await client.login(ADMIN.username, ADMIN.password);
  });

  afterAll(() => shop.close());

  async function clientOf(username: string, password = PASSWORD): Promise<FirstClient> {
    const other = new FirstClient(shop.url, kind);
    await other.login(username, password);
    return other;
  }

  it('may call from where its page comes from', async () => {
    for (const method of ['GET', 'POST', 'PATCH', 'DELETE']) {
      const headers = await client.preflight(method, '/items/1');
      expect(headers.get('access-control-allow-origin')).toBe(kind.origin);
      expect(headers.get('access-control-allow-methods')).toContain(method);
      expect(headers.get('access-control-allow-headers')?.toLowerCase()).toContain('authorization');
    }
  });

  it('logs in by e-mail address as well, and shows who is logged in', async () => {
    const other = await clientOf('Admin@StockTracker.local', ADMIN.password);
    expect(await other.get('/auth/me')).toMatchObject({
      ...{ username: 'admin', email: 'admin@stocktracker.local', full_name: 'Default Admin', role: 'admin' },
      ...{ is_active: true, is_deleted: false, deleted_at: null },
    });
  });

  it('refreshes an access token that has run out, tries again, and keeps its refresh token', async () => {
    const other = await clientOf(Role.Employee);
    for (let time = 1; time <= 3; time++) {
      other.expireAccessToken();
      expect(await other.get<CategoryResponse[]>('/categories/')).toHaveLength(7);
      expect(other.refreshes).toBe(time);
    }
  });

  it('lists categories in the order in which they were dragged', async () => {
    const listed = () => client.get<CategoryResponse[]>('/categories/');
    const dragged = [...nonEmpty(await listed())].reverse();
    for (const [sort_order, { id, name, description }] of dragged.entries()) {
      await client.send(200, 'PATCH', `/categories/${id}`, { name, description, sort_order });
    }
    expect((await listed()).map(({ name }) => name)).toEqual(dragged.map(({ name }) => name));

    const created = await client.send<CategoryResponse>(201, 'POST', '/categories/', {
      name: 'Seasonal',
      description: kind.emptyText,
      sort_order: 7,
    });
    expect((await listed()).at(-1)).toEqual(created);
    await client.send(204, 'DELETE', `/categories/${created.id}`);
    await client.send(409, 'DELETE', `/categories/${dragged[0]?.id}`);
  });

  it('creates, shows, searches, changes and deletes an item', async () => {
    const [category] = await client.get<CategoryResponse[]>('/categories');
    const empty = { description: kind.emptyText, barcode: kind.emptyText, image_url: kind.emptyText };
    const created = await client.send<ItemResponse>(201, 'POST', '/items/', {
      ...{ category_id: category?.id, name: 'Crème Brûlée', sku: null, unit_type: 'piece' },
      ...{ unit_price: kind.decimal(1.3), tax_rate: kind.emptyRate, discount_rate: kind.emptyRate },
      ...empty,
    });
    expect(created).toMatchObject({ unit_price: 1.3, tax_rate: 0, discount_rate: 0, sku: null, ...empty });

    expect(await client.get(`/items/${created.id}`)).toEqual(created);
    expect(await client.get<ItemResponse[]>('/items/search?q=creme%20br')).toEqual([created]);
    expect(await client.get<ItemResponse[]>(`/items/?category_id=${category?.id}`)).toContainEqual(created);

    const changed = await client.send<ItemResponse>(200, 'PATCH', `/items/${created.id}`, {
      ...{ description: 'With a crust', sku: 'CB-1', barcode: '4006381333931' },
      ...{ image_url: 'https://shop.example/cb.jpg', unit_price: kind.decimal(0.3) },
      ...{ tax_rate: kind.decimal(19), discount_rate: kind.decimal(2.3) },
    });
    expect(changed).toMatchObject({ unit_price: 0.3, tax_rate: 19, discount_rate: 2.3, sku: 'CB-1' });

    // A form in which the rates were emptied.
    const rates = kind === MOBILE ? { tax_rate: null, discount_rate: null } : {};
    const again = await client.send<ItemResponse>(200, 'PATCH', `/items/${created.id}`, {
      ...rates,
      sku: null,
    });
    expect(again).toEqual({ ...changed, sku: null, updated_at: again.updated_at });

    await client.send(204, 'DELETE', `/items/${created.id}/`);
    await client.send(404, 'GET', `/items/${created.id}`);
  });

  it('fills the form of an item from the stock by category, and saves it without a change', async () => {
    const [item] = await client.get<ItemResponse[]>('/items');
    const before = await client.send<ItemResponse>(200, 'PATCH', `/items/${item?.id}`, {
      ...{ description: 'From the valley', image_url: 'https://shop.example/a.jpg', discount_rate: 2.5 },
    });
    const shown = async () => {
      const groups = await client.get<CategoryStockResponse[]>('/stock/by-category/');
      return groups.flatMap(({ items }) => items).find(({ item_id }) => item_id === before.id);
    };
    const row = await shown();
    const after = await client.send<ItemResponse>(200, 'PATCH', `/items/${row?.item_id}`, {
      name: row?.item_name,
      category_id: row?.category_id,
      description: row?.description,
      sku: row?.sku,
      barcode: row?.barcode,
      image_url: row?.image_url,
      unit_price: row?.unit_price,
      unit_type: row?.unit_type,
      tax_rate: row?.tax_rate,
      discount_rate: row?.discount_rate,
    });
    expect(before).toMatchObject({ description: 'From the valley', discount_rate: 2.5 });
    expect(after).toEqual({ ...before, updated_at: after.updated_at });
    expect(await shown()).toEqual(row);
  });

  it('shows the stock by category and name', async () => {
    const groups = await client.get<CategoryStockResponse[]>('/stock/by-category');
    const names = groups.map(({ category_name }) => category_name);
    expect(names).toEqual([...names].sort());
    expect(groups.flatMap(({ items }) => items)).toHaveLength(32);
    for (const { category_id, items } of groups) {
      for (const row of items) expect(row.category_id).toBe(category_id);
    }
  });

  it('puts an item in stock, counts it, and takes it out again', async () => {
    const [category] = await client.get<CategoryResponse[]>('/categories');
    const { id: item_id } = await client.send<ItemResponse>(201, 'POST', '/items', {
      ...{ category_id: category?.id, name: 'Quinces', sku: 'Q-1', unit_price: '2.50', unit_type: 'kg' },
    });
    await client.send(404, 'GET', `/stock/${item_id}`);
    const entry = await client.send(201, 'POST', '/stock/', { item_id, quantity: kind.decimal(12.7) });
    expect(entry).toMatchObject({ item_id, quantity: 12.7 });
    await client.send(409, 'POST', '/stock', { item_id, quantity: 1 });

    const counted = await client.send(200, 'PATCH', `/stock/${item_id}/`, { quantity: kind.decimal(0.7) });
    expect(counted).toMatchObject({ ...entry, quantity: 0.7, updated_at: counted.updated_at });
    expect(await client.get(`/stock/${item_id}`)).toEqual(counted);
    const listed = await client.get<ListedStockEntryResponse[]>('/stock/');
    expect(listed).toContainEqual({ ...counted, item_name: 'Quinces', sku: 'Q-1' });

    await client.send(422, 'PATCH', `/stock/${item_id}`, { quantity: -1 });
    await client.send(204, 'DELETE', `/stock/${item_id}`);
    await client.send(404, 'DELETE', `/stock/${item_id}`);
  });

  it('shows beside a field what is wrong with it', async () => {
    const sent = { category_id: 1, name: '', unit_price: '1.999', tax_rate: 101 };
    const { detail } = await client.send<{ detail: object[] }>(422, 'POST', '/items', sent);
    expect(detail).toHaveLength(3);
    for (const field of ['name', 'unit_price', 'tax_rate']) {
      expect(detail).toContainEqual({
        ...{ type: expect.any(String), loc: ['body', field], msg: expect.any(String) },
      });
    }
  });

  it('lets an admin see and change everybody', async () => {
    const registered = await client.send<UserResponse>(201, 'POST', '/users/register', {
      ...{ email: `Maria.${kind.name}@Shop.example`, username: `maria_${kind.name}`, password: PASSWORD },
      ...{ full_name: '', role: 'employee' },
    });
    expect(registered).toMatchObject({ full_name: null, email: `maria.${kind.name}@shop.example` });
    expect(await client.get<UserResponse[]>('/users')).toContainEqual(registered);
    expect(await client.get<UserResponse[]>('/users/?role=employee')).toContainEqual(registered);

    const path = `/users/${registered.id}`;
    const form = { email: registered.email, full_name: 'Maria Rossi', role: 'market_owner', is_active: true };
    expect(await client.send<UserResponse>(200, 'PATCH', path, form)).toMatchObject(form);
    expect(await client.send(200, 'PATCH', path, { ...form, full_name: '' })).toMatchObject({
      full_name: null,
    });
    await client.send(204, 'DELETE', path);
    const all = await client.get<UserResponse[]>('/users?include_deleted=true');
    expect(all).toContainEqual(expect.objectContaining({ id: registered.id, is_deleted: true }));
    expect(await client.get<UserResponse[]>('/users')).not.toContainEqual(
      expect.objectContaining({ id: registered.id }),
    );
  });

  it('lets a market owner see and change employees', async () => {
    const owner = await clientOf(Role.MarketOwner);
    const registered = await owner.send<UserResponse>(201, 'POST', '/users/register', {
      ...{ email: `ali.${kind.name}@shop.example`, username: `ali_${kind.name}`, password: PASSWORD },
      ...{ full_name: kind.emptyText },
    });
    expect(registered).toMatchObject({ full_name: null, role: 'employee' });
    await owner.send(403, 'GET', '/users');
    await owner.send(403, 'GET', '/users?role=employee&include_deleted=true');
    const employees = await owner.get<UserResponse[]>('/users?role=employee');
    expect(employees).toContainEqual(registered);
    expect(new Set(employees.map(({ role }) => role))).toEqual(new Set(['employee']));

    const path = `/users/${registered.id}`;
    const form = { email: registered.email, full_name: 'Ali', role: 'employee', is_active: true };
    expect(await owner.send(200, 'PATCH', path, form)).toMatchObject({ full_name: 'Ali' });
    await owner.send(403, 'PATCH', path, { ...form, role: 'market_owner' });
    const ali = await clientOf(`ali_${kind.name}`);
    await owner.send(200, 'PATCH', path, { password: 'Cappuccino4You' });
    // All of Ali's tokens are void, the one to refresh with as well.
    await ali.send(401, 'GET', '/auth/me');
    await owner.send(204, 'DELETE', path);
    await owner.send(404, 'GET', path);
  });

  it('lets an employee work with the goods, and with nobody but themselves', async () => {
    const employee = await clientOf(Role.Employee);
    const { id } = await employee.get<UserResponse>('/auth/me');
    expect(await employee.get<UserResponse>(`/users/${id}`)).toMatchObject({ username: 'employee' });
    await employee.send(403, 'GET', '/users?role=employee');
    await employee.send(403, 'PATCH', `/users/${id}`, { full_name: 'Me' });
    await employee.send(403, 'POST', '/users/register', {});
    await employee.send(200, 'PATCH', '/stock/1', { quantity: 5 });
  });

  it('logs out: the refresh token is void', async () => {
    const other = await clientOf(Role.Employee);
    const elsewhere = await clientOf(Role.Employee);
    await other.logout();
    other.expireAccessToken();
    await other.send(401, 'GET', '/auth/me');

    await elsewhere.send(204, 'POST', '/auth/logout-all');
    elsewhere.expireAccessToken();
    await elsewhere.send(401, 'GET', '/auth/me');
  });
});
