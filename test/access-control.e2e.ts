import { readFileSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import type { OpenAPIObject } from '@nestjs/swagger';
import supertest, { type Response } from 'supertest';
import { DataSource } from 'typeorm';
import type { DailyAccountResponse } from '../src/daily-accounts/dto/daily-account-response.dto.js';
import { Role } from '../src/platform/authorization/role.js';
import { Database } from '../src/platform/database/database.js';
import { type Account, createAccount, registration } from './support/accounts.js';
import type { Client } from './support/client.js';
import { nonEmpty } from './support/non-empty.js';
import { writeCompletedCart } from './support/sales.js';
import { ADMIN, Shop } from './support/shop.js';
import { readTables } from './support/tables.js';
import { until } from './support/until.js';

/**
 * Who may do what: the status for each caller of a route; what the route acts on stands in brackets where that matters. A
 * list without a line here is for all users, and every other route needs one. "deleted" and "deactivated" were admins when they logged in, and are so no longer.
 * "self" is the account of whoever calls. The users' part is SPEC.md's table "User Management Permissions".
 */
const MATRIX = `
                                                  anonymous employee market_owner admin deleted deactivated
GET    /health/live                                     200      200          200   200     200         200
GET    /health/ready                                    200      200          200   200     200         200
GET    /metrics                                         200      200          200   200     200         200

POST   /api/v1/auth/login                               200      200          200   200     200         200
POST   /api/v1/auth/refresh                             200      200          200   200     200         200
POST   /api/v1/auth/logout                              401      204          204   204     401         401
POST   /api/v1/auth/logout-all                          401      204          204   204     401         401
GET    /api/v1/auth/sessions                            401      200          200   200     401         401
DELETE /api/v1/auth/sessions/{session_id} [own]         401      204          204   204     401         401
DELETE /api/v1/auth/sessions/{session_id} [another's]   401      404          404   404     401         401
POST   /api/v1/auth/change-password                     401      200          200   200     401         401
GET    /api/v1/auth/me                                  401      200          200   200     401         401

POST   /api/v1/users/register [admin]                   401      403          403   201     401         401
POST   /api/v1/users/register [market_owner]            401      403          403   201     401         401
POST   /api/v1/users/register [employee]                401      403          201   201     401         401
POST   /api/v1/users/register [no role named]           401      403          201   201     401         401
GET    /api/v1/users                                    401      403          403   200     401         401
GET    /api/v1/users [include_deleted=true]             401      403          403   200     401         401
GET    /api/v1/users [role=employee]                    401      403          200   200     401         401
GET    /api/v1/users [role=market_owner]                401      403          403   200     401         401
GET    /api/v1/users [role=admin]                       401      403          403   200     401         401
GET    /api/v1/users [role=employee&role=admin]         401      403          403   200     401         401
GET    /api/v1/users [role=employee&include_deleted=1]  401      403          403   200     401         401
GET    /api/v1/users [role=employee&include_deleted=0]  401      403          200   200     401         401
GET    /api/v1/users/{user_id} [admin]                  401      403          403   200     401         401
GET    /api/v1/users/{user_id} [market_owner]           401      403          403   200     401         401
GET    /api/v1/users/{user_id} [employee]               401      403          200   200     401         401
GET    /api/v1/users/{user_id} [self]                   401      200          200   200     401         401
PATCH  /api/v1/users/{user_id} [admin]                  401      403          403   200     401         401
PATCH  /api/v1/users/{user_id} [market_owner]           401      403          403   200     401         401
PATCH  /api/v1/users/{user_id} [employee]               401      403          200   200     401         401
PATCH  /api/v1/users/{user_id} [employee's role]        401      403          403   200     401         401
PATCH  /api/v1/users/{user_id} [self]                   401      403          403   200     401         401
PATCH  /api/v1/users/{user_id} [own role]               401      403          403   200     401         401
DELETE /api/v1/users/{user_id} [admin]                  401      403          403   204     401         401
DELETE /api/v1/users/{user_id} [market_owner]           401      403          403   204     401         401
DELETE /api/v1/users/{user_id} [employee]               401      403          204   204     401         401
DELETE /api/v1/users/{user_id} [self]                   401      204          204   204     401         401

POST   /api/v1/categories                               401      201          201   201     401         401
GET    /api/v1/categories/{category_id}                 401      200          200   200     401         401
PATCH  /api/v1/categories/{category_id}                 401      200          200   200     401         401
DELETE /api/v1/categories/{category_id}                 401      204          204   204     401         401

POST   /api/v1/items                                    401      201          201   201     401         401
GET    /api/v1/items/search                             401      200          200   200     401         401
GET    /api/v1/items/by-barcode/{code}                  401      200          200   200     401         401
GET    /api/v1/items/{item_id}                          401      200          200   200     401         401
PATCH  /api/v1/items/{item_id}                          401      200          200   200     401         401
GET    /api/v1/items/{item_id}/prices                   401      200          200   200     401         401
POST   /api/v1/items/import                             401      403          200   200     401         401
GET    /api/v1/items/imports/{import_id}                401      403          200   200     401         401
DELETE /api/v1/items/{item_id}                          401      204          204   204     401         401

POST   /api/v1/stock                                    401      201          201   201     401         401
GET    /api/v1/stock/{item_id}                          401      200          200   200     401         401
PATCH  /api/v1/stock/{item_id}                          401      200          200   200     401         401
DELETE /api/v1/stock/{item_id}                          401      204          204   204     401         401
POST   /api/v1/stock/{item_id}/movements                401      201          201   201     401         401
GET    /api/v1/stock/{item_id}/movements                401      200          200   200     401         401
GET    /api/v1/stock/movements/{movement_id}            401      200          200   200     401         401
POST   /api/v1/stock/movements/batch                    401      201          201   201     401         401
POST   /api/v1/stock/movements/{movement_id}/reverse    401      201          201   201     401         401
GET    /api/v1/stock/ledger/verify                      401      403          200   200     401         401

POST   /api/v1/carts                                    401      201          201   201     401         401
GET    /api/v1/carts/{cart_id}                          401      200          200   200     401         401
PATCH  /api/v1/carts/{cart_id}                          401      200          200   200     401         401
POST   /api/v1/carts/{cart_id}/items                    401      201          201   201     401         401
DELETE /api/v1/carts/{cart_id}/items                    401      204          204   204     401         401
PATCH  /api/v1/carts/{cart_id}/items/{cart_item_id}     401      200          200   200     401         401
DELETE /api/v1/carts/{cart_id}/items/{cart_item_id}     401      204          204   204     401         401
POST   /api/v1/carts/{cart_id}/items/{cart_item_id}/return 401   200          200   200     401         401
POST   /api/v1/carts/{cart_id}/complete                 401      200          200   200     401         401
POST   /api/v1/carts/{cart_id}/refunds                  401      201          201   201     401         401
POST   /api/v1/carts/{cart_id}/delete                   401      200          200   200     401         401

POST   /api/v1/daily-accounts/close                     401      200          200   200     401         401
POST   /api/v1/daily-accounts/close-by-date             401      403          200   200     401         401
POST   /api/v1/daily-accounts/open-by-date              401      403          200   200     401         401
POST   /api/v1/daily-accounts/{account_id}/open         401      403          200   200     401         401
GET    /api/v1/daily-accounts/{account_id}              401      200          200   200     401         401
GET    /api/v1/daily-accounts/{account_id}/events       401      200          200   200     401         401
GET    /api/v1/daily-accounts/by-date/{account_date}    401      200          200   200     401         401
POST   /api/v1/stocktakes                               401      403          201   201     401         401
GET    /api/v1/stocktakes/{stocktake_id} [own]          401      200          200   200     401         401
GET    /api/v1/stocktakes/{stocktake_id} [another's]    401      404          200   200     401         401
PATCH  /api/v1/stocktakes/{stocktake_id}                401      403          200   200     401         401
GET    /api/v1/stocktakes/{stocktake_id}/variances      401      403          200   200     401         401
POST   /api/v1/stocktakes/{stocktake_id}/approve        401      403          200   200     401         401
POST   /api/v1/stocktakes/{stocktake_id}/cancel         401      403          200   200     401         401
GET    /api/v1/stocktakes/{stocktake_id}/counts [own]   401      200          200   200     401         401
GET    /api/v1/stocktakes/{stocktake_id}/counts [another's] 401  404          200   200     401         401
GET    /api/v1/stocktakes/{stocktake_id}/counts/{item_id} [own] 401 200       200   200     401         401
GET    /api/v1/stocktakes/{stocktake_id}/counts/{item_id} [another's] 401 404 200   200     401         401
PUT    /api/v1/stocktakes/{stocktake_id}/counts/{item_id} [own] 401 200       200   200     401         401
PUT    /api/v1/stocktakes/{stocktake_id}/counts/{item_id} [another's] 401 404 403   403     401         401
POST   /api/v1/tasks                                    401      403          201   201     401         401
GET    /api/v1/tasks/{task_id} [own]                    401      200          200   200     401         401
GET    /api/v1/tasks/{task_id} [another's]              401      404          200   200     401         401
PATCH  /api/v1/tasks/{task_id} [own]                    401      200          200   200     401         401
PATCH  /api/v1/tasks/{task_id} [own, its title]         401      403          200   200     401         401
PATCH  /api/v1/tasks/{task_id} [another's]              401      404          200   200     401         401
DELETE /api/v1/tasks/{task_id} [own]                    401      403          204   204     401         401
GET    /api/v1/reports/stock-value                      401      403          200   200     401         401
GET    /api/v1/reports/movements                        401      403          200   200     401         401
GET    /api/v1/reports/sales                            401      403          200   200     401         401
`;

interface Line {
  route: string;
  target: string | undefined;
  status: Record<string, number>;
}

const FOR_ALL_USERS = {
  anonymous: 401,
  employee: 200,
  market_owner: 200,
  admin: 200,
  deleted: 401,
  deactivated: 401,
};

const { paths } = JSON.parse(
  readFileSync(new URL('./openapi.snapshot.json', import.meta.url), 'utf8'),
) as Pick<OpenAPIObject, 'paths'>;

const listed = readMatrix(MATRIX);
const isListed = (route: string) => listed.some((line) => line.route === route);
const lists = Object.keys(paths).filter((path) => paths[path]?.get && !path.includes('{'));
const LINES: Line[] = [
  ...listed,
  ...nonEmpty(lists)
    .map((path) => `GET ${path}`)
    .filter((route) => !isListed(route))
    .map((route) => ({ route, target: undefined, status: FOR_ALL_USERS })),
];

describe('Access control', () => {
  let shop: Shop;
  let admin: Client;
  /** One for each caller, until a request of theirs has changed something: it may have been their account. */
  const accounts = new Map<string, Account>();

  beforeAll(async () => {
    shop = await Shop.open();
    admin = shop.as(Role.Admin);
  });

  afterAll(() => shop.close());

  it('has a line for every route of the program, and none for a route that is not', async () => {
    const { body } = await supertest(shop.url).get('/openapi.json').expect(200);
    const documented = Object.entries(body.paths as Record<string, object>).flatMap(([path, operations]) =>
      Object.keys(operations).map((method) => `${method.toUpperCase()} ${path}`),
    );
    const routes = new Set(LINES.map(({ route }) => route));
    expect([...routes].sort()).toEqual(documented.sort());
  });

  it('is documented: who needs no login does not see a lock', async () => {
    const { body } = await supertest(shop.url).get('/openapi.json').expect(200);
    for (const { route, status } of LINES) {
      const [method, path] = route.split(' ') as [string, string];
      const { security = body.security } = body.paths[path][method.toLowerCase()];
      expect({ route, locked: security.length > 0 }).toEqual({ route, locked: status.anonymous === 401 });
    }
  });

  describe.each(LINES.map((line) => [nameOf(line), line] as const))('%s', (_, { route, target, status }) => {
    let before: unknown;

    for (const [caller, expected] of Object.entries(status)) {
      const sendAs = async (): Promise<Response> => {
        const account = await accountOf(caller);
        const { method, path, body } = await requestFor(route, target, account);
        if (expected >= 400) before = await everything();
        const answer = await send(method, path, body, account?.client);
        expect({ path, status: answer.status }).toEqual({ path, status: expected });
        return answer;
      };

      if (expected < 400) {
        it(`works for ${caller}: ${expected}`, async () => {
          await sendAs();
          if (!route.startsWith('GET ')) accounts.delete(caller);
        });
      } else {
        it(`is refused to ${caller}, and changes nothing: ${expected}`, async () => {
          const answer = await sendAs();
          expect(answer.body).toEqual({ detail: expect.any(String), code: expect.any(String) });
          expect(answer.headers['www-authenticate']).toBe(expected === 401 ? 'Bearer' : undefined);
          expect(await everything()).toEqual(before);
        });
      }
    }
  });

  async function accountOf(caller: string): Promise<Account | undefined> {
    if (caller === 'anonymous') return undefined;
    const account = accounts.get(caller) ?? (await createAccountOf(caller));
    accounts.set(caller, account);
    return account;
  }

  async function createAccountOf(caller: string): Promise<Account> {
    const account = await createAccount(shop, { role: roleNamed(caller) ?? Role.Admin });
    const path = `/users/${account.id}`;
    if (caller === 'deleted') await admin.delete(path).expect(204);
    if (caller === 'deactivated') await admin.patch(path, { is_active: false }).expect(200);
    return account;
  }

  /** A request that succeeds for whoever may send it: what it acts on exists. */
  async function requestFor(
    route: string,
    target: string | undefined,
    caller: Account | undefined,
  ): Promise<{ method: string; path: string; body?: object | string }> {
    const [method, path] = route.split(' ') as [string, string];
    return { method, ...(await pathAndBody(method, path, target, caller)) };
  }

  async function pathAndBody(
    method: string,
    path: string,
    target: string | undefined,
    caller: Account | undefined,
  ): Promise<{ path: string; body?: object | string }> {
    switch (path) {
      case '/api/v1/auth/login':
        return { path, body: ADMIN };
      case '/api/v1/auth/refresh':
        return { path, body: { refresh_token: (await createAccount(shop)).refreshToken } };
      case '/api/v1/auth/logout':
        return { path, body: { refresh_token: caller?.refreshToken ?? 'a refresh token' } };
      case '/api/v1/auth/change-password':
        return {
          path,
          body: { old_password: caller?.password ?? ADMIN.password, new_password: 'Cappuccino4You' },
        };
      case '/api/v1/auth/sessions/{session_id}': {
        const { client } = target === 'own' && caller ? caller : await createAccount(shop);
        return { path: path.replace('{session_id}', `${await newestSessionOf(client)}`) };
      }
      case '/api/v1/users':
        return { path: target === undefined ? path : `${path}?${target}` };
      case '/api/v1/users/register':
        return {
          path,
          body: { ...registration(), role: target === 'no role named' ? undefined : target },
        };
      case '/api/v1/users/{user_id}': {
        const id = await targetId(target, caller);
        const body = target?.endsWith('role') ? { role: Role.MarketOwner } : { full_name: 'Maria Rossi' };
        return { path: path.replace('{user_id}', `${id}`), body: method === 'PATCH' ? body : undefined };
      }
      case '/api/v1/categories':
        return { path, body: method === 'POST' ? { name: uniqueName() } : undefined };
      case '/api/v1/categories/{category_id}':
        return {
          path: path.replace('{category_id}', `${await createCategory()}`),
          body: method === 'PATCH' ? { name: uniqueName() } : undefined,
        };
      case '/api/v1/items':
        return {
          path,
          body:
            method === 'POST'
              ? { category_id: await createCategory(), name: uniqueName(), unit_price: 1.5 }
              : undefined,
        };
      case '/api/v1/items/search':
        return { path: `${path}?q=apple` };
      case '/api/v1/items/by-barcode/{code}':
        return { path: path.replace('{code}', await createBarcode()) };
      case '/api/v1/items/{item_id}':
        return {
          path: path.replace('{item_id}', `${await createItem()}`),
          body: method === 'PATCH' ? { unit_price: 2.5 } : undefined,
        };
      case '/api/v1/items/{item_id}/prices':
        return { path: path.replace('{item_id}', `${await createItem()}`) };
      case '/api/v1/stock':
        return {
          path,
          body: method === 'POST' ? { item_id: await createItem(), quantity: 1 } : undefined,
        };
      case '/api/v1/stock/{item_id}':
        return {
          path: path.replace('{item_id}', `${await createStock()}`),
          body: method === 'PATCH' ? { quantity: 2 } : undefined,
        };
      case '/api/v1/stock/{item_id}/movements':
        return {
          path: path.replace('{item_id}', `${await createStock()}`),
          body: method === 'POST' ? SALE : undefined,
        };
      case '/api/v1/stock/movements/batch':
        return { path, body: { movements: [{ item_id: await createStock(), ...SALE }] } };
      case '/api/v1/stock/movements/{movement_id}':
      case '/api/v1/stock/movements/{movement_id}/reverse':
        return { path: path.replace('{movement_id}', `${await createMovement()}`) };
      case '/api/v1/carts/{cart_id}':
      case '/api/v1/carts/{cart_id}/complete':
      case '/api/v1/carts/{cart_id}/delete': {
        const { cart_id } = await createCart();
        return { path: path.replace('{cart_id}', `${cart_id}`), body: method === 'PATCH' ? {} : undefined };
      }
      case '/api/v1/carts/{cart_id}/items': {
        const { cart_id } = await createCart();
        return {
          path: path.replace('{cart_id}', `${cart_id}`),
          body: method === 'POST' ? { item_id: await createStock(), quantity: 0.5 } : undefined,
        };
      }
      case '/api/v1/carts/{cart_id}/items/{cart_item_id}':
      case '/api/v1/carts/{cart_id}/items/{cart_item_id}/return': {
        const { cart_id, id } = await createCart();
        return {
          path: path.replace('{cart_id}', `${cart_id}`).replace('{cart_item_id}', `${id}`),
          body: method === 'DELETE' ? undefined : { quantity: 0.25 },
        };
      }
      case '/api/v1/carts/{cart_id}/refunds': {
        const { cart_id, id } = await createCart();
        await admin.post(`/carts/${cart_id}/complete`).expect(200);
        return {
          path: path.replace('{cart_id}', `${cart_id}`),
          body: { lines: [{ cart_item_id: id, quantity: 0.25 }] },
        };
      }
      case '/api/v1/daily-accounts/close':
        await sellOn(new Date(shop.app.get(Database).clock.now()).toISOString().slice(0, 10));
        await admin.post('/daily-accounts/open-by-date?account_date=today');
        return { path };
      case '/api/v1/daily-accounts/close-by-date':
        return { path: `${path}?account_date=${await sellOn(nextDate())}` };
      case '/api/v1/daily-accounts/open-by-date':
        return { path: `${path}?account_date=${(await createAccountOfDay()).account_date}` };
      case '/api/v1/daily-accounts/by-date/{account_date}':
        return { path: path.replace('{account_date}', (await createAccountOfDay()).account_date) };
      case '/api/v1/daily-accounts/{account_id}':
      case '/api/v1/daily-accounts/{account_id}/open':
      case '/api/v1/daily-accounts/{account_id}/events':
        return { path: path.replace('{account_id}', `${(await createAccountOfDay()).id}`) };
      case '/api/v1/daily-accounts/analysis/item-sales':
        return { path: `${path}?start_date=2026-01-01&end_date=2026-01-31&item_id=1` };
      case '/api/v1/daily-accounts/analysis/top-sellers':
      case '/api/v1/daily-accounts/analysis/by-category':
        return { path: `${path}?start_date=2026-01-01&end_date=2026-01-31` };
      case '/api/v1/reports/movements':
      case '/api/v1/reports/sales':
        return { path: `${path}?from=2026-01-01&to=2026-01-31` };
      case '/api/v1/stocktakes': {
        const stocktake = { name: uniqueName(), item_ids: [await createStock()], assigned_to: [1] };
        return { path, body: method === 'POST' ? stocktake : undefined };
      }
      case '/api/v1/stocktakes/{stocktake_id}':
      case '/api/v1/stocktakes/{stocktake_id}/approve':
      case '/api/v1/stocktakes/{stocktake_id}/cancel':
      case '/api/v1/stocktakes/{stocktake_id}/counts':
      case '/api/v1/stocktakes/{stocktake_id}/counts/{item_id}':
      case '/api/v1/stocktakes/{stocktake_id}/variances': {
        const counter = target === 'own' && mayHaveTasks(caller) ? caller : await createAccount(shop);
        const { id, itemId } = await createStocktake(counter);
        return {
          path: path.replace('{stocktake_id}', `${id}`).replace('{item_id}', `${itemId}`),
          body: { PATCH: { name: uniqueName() }, PUT: { quantity: 2 }, POST: {} }[method],
        };
      }
      case '/api/v1/items/import':
        return { path, body: importOf(1) };
      case '/api/v1/items/imports/{import_id}':
        return { path: path.replace('{import_id}', `${await createImport()}`) };
      case '/api/v1/tasks':
        return { path, body: method === 'POST' ? { title: uniqueName() } : undefined };
      case '/api/v1/tasks/{task_id}': {
        const assigned_to = target?.startsWith('own') && mayHaveTasks(caller) ? caller.id : null;
        const body = target?.endsWith('title') ? { title: uniqueName() } : { status: 'done' };
        return {
          path: path.replace('{task_id}', `${await createTask(assigned_to)}`),
          body: method === 'PATCH' ? body : undefined,
        };
      }
      default:
        return { path };
    }
  }

  /** With an item that is counted. */
  async function createStocktake({
    id: counterId,
    client,
  }: Account): Promise<{ id: number; itemId: number }> {
    const itemId = await createStock();
    const sent = { name: uniqueName(), item_ids: [itemId], assigned_to: [counterId] };
    const { id } = (await admin.post('/stocktakes', sent).expect(201)).body as { id: number };
    await client.put(`/stocktakes/${id}/counts/${itemId}`, { quantity: 1 }).expect(200);
    return { id, itemId };
  }

  async function createTask(assigned_to: number | null): Promise<number> {
    const { body } = await admin.post('/tasks', { title: uniqueName(), assigned_to }).expect(201);
    return body.id;
  }

  /** Nobody assigns a task to a user who is deleted or deactivated. */
  function mayHaveTasks(caller: Account | undefined): caller is Account {
    return (
      caller !== undefined && caller !== accounts.get('deleted') && caller !== accounts.get('deactivated')
    );
  }

  async function targetId(target: string | undefined, caller: Account | undefined): Promise<number> {
    const isSelf = target === 'self' || target === 'own role';
    if (isSelf && caller) return caller.id;
    const role = roleNamed(target) ?? Role.Employee;
    const { body } = await admin.post('/users/register', registration({ role })).expect(201);
    return body.id;
  }

  /** 1 for who may not know. */
  async function newestSessionOf(client: Client): Promise<number> {
    const { body } = await client.get('/auth/sessions');
    return body[0]?.id ?? 1;
  }

  async function createCategory(): Promise<number> {
    const { body } = await admin.post('/categories', { name: uniqueName() }).expect(201);
    return body.id;
  }

  async function createItem(): Promise<number> {
    const item = { category_id: await createCategory(), name: uniqueName(), unit_price: 1.5 };
    const { body } = await admin.post('/items', item).expect(201);
    return body.id;
  }

  async function createBarcode(): Promise<string> {
    const barcode = uniqueName().replace(' ', '-');
    await admin.patch(`/items/${await createItem()}`, { barcode }).expect(200);
    return barcode;
  }

  async function createStock(): Promise<number> {
    const item_id = await createItem();
    await admin.post('/stock', { item_id, quantity: 1 }).expect(201);
    return item_id;
  }

  /** One that goes on when its request has ended, and adds nothing: all tables are read for each test. */
  async function createImport(): Promise<number> {
    const request = supertest(shop.url).post('/api/v1/items/import?dry_run=true').type('text/csv');
    void request.set('Authorization', `Bearer ${admin.accessToken}`);
    const { body } = await request.send(importOf(1_001)).expect(202);
    await until(async () => (await admin.get(`/items/imports/${body.id}`)).body.finished_at !== null);
    return body.id;
  }

  async function createMovement(): Promise<number> {
    const { body } = await admin.post(`/stock/${await createStock()}/movements`, SALE).expect(201);
    return body.id;
  }

  /** A draft with one line. */
  async function createCart(): Promise<{ cart_id: number; id: number }> {
    const { body: cart } = await admin.post('/carts').expect(201);
    const line = { item_id: await createStock(), quantity: 0.5 };
    return (await admin.post(`/carts/${cart.id}/items`, line).expect(201)).body;
  }

  async function sellOn(account_date: string): Promise<string> {
    await writeCompletedCart(shop.app.get(Database), { account_date });
    return account_date;
  }

  async function createAccountOfDay(): Promise<DailyAccountResponse> {
    const day = await sellOn(nextDate());
    return (await admin.post(`/daily-accounts/close-by-date?account_date=${day}`).expect(200)).body;
  }

  async function send(
    method: string,
    path: string,
    body: object | string | undefined,
    client: Client | undefined,
  ): Promise<Response> {
    const request = supertest(shop.url)[method.toLowerCase() as 'get' | 'post' | 'put' | 'patch' | 'delete'](
      path,
    );
    if (client?.accessToken) void request.set('Authorization', `Bearer ${client.accessToken}`);
    // A stream of events ends when the client leaves.
    if (path === '/api/v1/stock/stream') {
      void request.buffer(false).on('response', ({ res }: { res: IncomingMessage }) => {
        res.destroy();
      });
    }
    if (typeof body === 'string') void request.type('text/csv');
    return request.send(body);
  }

  /** All that a request may change, sessions and passwords included. */
  function everything(): ReturnType<typeof readTables> {
    return readTables(shop.app.get(DataSource));
  }
});

function readMatrix(text: string): Line[] {
  const [head, ...lines] = text.split('\n').filter((line) => line.trim() !== '') as [string, ...string[]];
  const callers = head.trim().split(/\s+/);
  return lines.map((line) => {
    const [, method, path, target, cells] = /^(\S+) +(\S+)(?: \[(.+)\])?((?: +\d{3})+)$/.exec(line) ?? [];
    if (!method || !path || !cells) throw new Error(`The matrix has a line that can't be read: ${line}`);
    const statuses = cells.trim().split(/\s+/).map(Number);
    if (statuses.length !== callers.length) throw new Error(`The matrix has a line with a gap: ${line}`);
    const status = Object.fromEntries(callers.map((caller, column) => [caller, statuses[column] as number]));
    return { route: `${method} ${path}`, target, status };
  });
}

function roleNamed(name: string | undefined): Role | undefined {
  return new Map<string | undefined, Role>(Object.values(Role).map((role) => [role, role])).get(name);
}

function nameOf({ route, target }: Line): string {
  return target ? `${route} [${target}]` : route;
}

const SALE = { delta: -0.5, reason: 'sale' };
let names = 0;
let days = 0;

/** A day of the past on which nothing was sold. */
function nextDate(): string {
  return new Date(Date.UTC(2020, 0, ++days)).toISOString().slice(0, 10);
}

/** A file of items that are not there yet. */
function importOf(rows: number): string {
  const lines = Array.from({ length: rows }, () => `${uniqueName()},Fruit,1\r\n`);
  return `name,category,unit_price\r\n${lines.join('')}`;
}

function uniqueName(): string {
  return `Apples ${++names}`;
}
