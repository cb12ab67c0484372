import { EventEmitter, once } from 'node:events';
import type { Response } from 'supertest';
import { Role } from '../src/platform/authorization/role.js';
import type { CurrentUser } from '../src/platform/authorization/current-user.decorator.js';
import { Database } from '../src/platform/database/database.js';
import type { ItemResponse } from '../src/items/dto/item-response.dto.js';
import { MovementReason } from '../src/ledger/movement-reason.js';
import type { MovementCreate } from '../src/stock/dto/movement-create.dto.js';
import { StockMovementsService } from '../src/stock/stock-movements.service.js';
import type { UserResponse } from '../src/users/dto/user-response.dto.js';
import { createCategory, createItem, createStock } from './support/catalogue.js';
import type { Client } from './support/client.js';
import { race } from './support/race.js';
import { PASSWORD, Shop } from './support/shop.js';
import { until } from './support/until.js';

const N = 20;
const ROUNDS = 4;
const MAX_ROUNDS = 40;

function tally(responses: { status: number }[]): Record<number, number> {
  const counts: Record<number, number> = {};
  for (const { status } of responses) counts[status] = (counts[status] ?? 0) + 1;
  return counts;
}

/** Whether a transaction waits for another one. */
async function isSomebodyWaiting(database: Database): Promise<boolean> {
  if (database.dialect.engine === 'sqlite') return (database.load.read().waiting ?? 0) > 0;
  const waiting = await database.read`
    select pid from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`;
  return waiting.length > 0;
}

describe('Races', () => {
  let shop: Shop;
  let admin: Client;
  let employee: Client;
  let category_id: number;

  beforeAll(async () => {
    shop = await Shop.open();
    admin = shop.as(Role.Admin);
    employee = shop.as(Role.Employee);
    category_id = (await createCategory(employee)).id;
  });

  afterAll(() => shop.close());

  /** Sends N requests at once. */
  const atOnce = <T>(send: (index: number) => PromiseLike<T>): Promise<Awaited<T>[]> =>
    race(
      shop.app,
      Array.from({ length: N }, (_, index) => send(index)),
    );

  describe('of equal creations', () => {
    // Each sends something of its own beside what all want, so that the row shows whose it is.
    it.each([
      {
        what: 'a category name',
        path: '/categories',
        list: '/categories',
        body: (index: number) => ({ name: 'Wanted', description: `By ${index}` }),
        isWanted: ({ name }: { name?: string }) => name === 'Wanted',
        taken: { detail: 'A category with this name already exists', code: 'category_name_taken' },
      },
      {
        what: 'a SKU',
        path: '/items',
        list: '/items',
        body: (index: number) => ({
          category_id,
          name: `Item of ${index}`,
          unit_price: index,
          sku: 'WANTED',
        }),
        isWanted: ({ sku }: { sku?: string }) => sku === 'WANTED',
        taken: { detail: 'An item with this SKU already exists', code: 'sku_taken' },
      },
      {
        what: 'a username, in any letter case',
        path: '/users/register',
        list: '/users',
        body: (index: number) => ({
          username: index % 2 ? 'Wanted' : 'wANTED',
          email: `username.${index}@shop.example`,
          password: PASSWORD,
        }),
        isWanted: ({ username }: { username?: string }) => username?.toLowerCase() === 'wanted',
        taken: { detail: 'A user with this username already exists', code: 'username_taken' },
      },
      {
        what: 'an e-mail address, in any letter case',
        path: '/users/register',
        list: '/users',
        body: (index: number) => ({
          username: `email_${index}`,
          email: index % 2 ? 'wanted@shop.example' : 'Wanted@Shop.Example',
          password: PASSWORD,
        }),
        isWanted: ({ email }: { email?: string }) => email === 'wanted@shop.example',
        taken: { detail: 'A user with this e-mail address already exists', code: 'email_taken' },
      },
    ])(
      'for $what has one winner, and the losers change nothing',
      async ({ path, list, body, isWanted, taken }) => {
        const before = (await admin.get(list).expect(200)).body;
        const responses = await atOnce((index) => admin.post(path, body(index)));
        expect(tally(responses)).toEqual({ 201: 1, 409: N - 1 });
        for (const { status, body: answer } of responses) if (status === 409) expect(answer).toEqual(taken);

        const after = (await admin.get(list).expect(200)).body;
        const winner = responses.find(({ status }) => status === 201)?.body;
        expect(after.filter(isWanted)).toEqual([winner]);
        expect(after).toHaveLength(Number(before.length) + 1);
        expect(after).toEqual(expect.arrayContaining(before));
      },
    );

    it('for the stock of an item has one winner, and the losers change nothing', async () => {
      const { id: item_id } = await createItem(employee, { category_id });
      const responses = await atOnce((index) => employee.post('/stock', { item_id, quantity: index }));
      expect(tally(responses)).toEqual({ 201: 1, 409: N - 1 });
      const winner = responses.find(({ status }) => status === 201)?.body;
      const { body: entries } = await employee.get('/stock').expect(200);
      expect(entries.filter((entry: { item_id: number }) => entry.item_id === item_id)).toMatchObject([
        winner,
      ]);
    });
  });

  describe('of equal updates', () => {
    it('for a category name has one winner, and the others keep their names', async () => {
      const categories = [];
      for (let index = 0; index < N; index++) categories.push(await createCategory(employee));
      const responses = await race(
        shop.app,
        categories.map(({ id }) =>
          employee.patch(`/categories/${id}`, { name: 'Renamed', description: 'Changed' }),
        ),
      );
      expect(tally(responses)).toEqual({ 200: 1, 409: N - 1 });
      for (const [index, { status, body }] of responses.entries()) {
        const category = categories[index];
        const stored = await employee.get(`/categories/${category?.id}`).expect(200);
        expect(stored.body).toEqual(status === 200 ? body : category);
      }
    });

    it('for a SKU has one winner, and the others keep theirs', async () => {
      const items: ItemResponse[] = [];
      for (let index = 0; index < N; index++) {
        items.push(await createItem(employee, { category_id, sku: `OWN-${index}` }));
      }
      const responses = await race(
        shop.app,
        items.map(({ id }) => employee.patch(`/items/${id}`, { sku: 'SHARED', unit_price: 2 })),
      );
      expect(tally(responses)).toEqual({ 200: 1, 409: N - 1 });
      for (const [index, { status, body }] of responses.entries()) {
        const item = items[index];
        const stored = await employee.get(`/items/${item?.id}`).expect(200);
        expect(stored.body).toEqual(status === 200 ? body : item);
      }
    });
  });

  describe('for the quantity in stock', () => {
    it('end with one of the quantities sent, and answer each client its own', async () => {
      const { item_id } = await createStock(employee, { quantity: 1000 });
      const quantities = Array.from({ length: N }, (_, index) => index + 0.001);
      const responses = await race(
        shop.app,
        quantities.map((quantity) => employee.patch(`/stock/${item_id}`, { quantity })),
      );
      expect(responses.map(({ status, body }) => [status, body.quantity])).toEqual(
        quantities.map((quantity) => [200, quantity]),
      );
      const { body } = await employee.get(`/stock/${item_id}`).expect(200);
      expect(responses.map((response) => response.body)).toContainEqual(body);
    });

    it('leave no other change out: updates of different fields of an item all count', async () => {
      const { id } = await createItem(employee, { category_id });
      const changes = [
        { name: 'Raced' },
        { description: 'Raced' },
        { sku: 'RACED' },
        { barcode: 'raced' },
        { image_url: 'https://shop.example/raced' },
        { unit_price: 9.99 },
        { unit_type: 'kg' },
        { tax_rate: 19 },
        { discount_rate: 5 },
      ];
      const responses = await race(
        shop.app,
        changes.map((change) => employee.patch(`/items/${id}`, change)),
      );
      expect(tally(responses)).toEqual({ 200: changes.length });
      const { body } = await employee.get(`/items/${id}`).expect(200);
      expect(body).toMatchObject(Object.assign({}, ...changes) as object);
    });
  });

  describe('between deleting and adding', () => {
    /** Some rounds, and more of them until each side has come first. */
    const isNeeded = (round: number, outcomes: Set<number>) =>
      round < ROUNDS || (outcomes.size < 2 && round < MAX_ROUNDS);

    /** All at once in every other round. A deletion wins then, for it has no body to wait for. In the others they come in their order. */
    const arrivals = (round: number, requests: number) => (round % 2 === 0 ? requests : 1);

    it('never leave an item without its category, whichever comes first', async () => {
      const outcomes = new Set<number>();
      for (let round = 0; isNeeded(round, outcomes); round++) {
        const { id } = await createCategory(employee);
        const add = (index: number) =>
          employee.post('/items', { category_id: id, name: `Late ${index}`, unit_price: 1 });
        // The deletion comes a little later in each round.
        const requests = Array.from({ length: 8 }, (_, index) => add(index));
        const place = (round % ROUNDS) * 2;
        requests.splice(place, 0, employee.delete(`/categories/${id}`));
        const additions = await race(shop.app, requests, arrivals(round, requests.length));
        const [deletion] = additions.splice(place, 1) as [Response];
        const added = additions.filter(({ status }) => status === 201);
        for (const { status, body } of additions) {
          expect([201, 404]).toContain(status);
          if (status === 404)
            expect(body).toEqual({ detail: 'Category not found', code: 'category_not_found' });
        }
        expect([204, 409]).toContain(deletion.status);
        expect(deletion.status).toBe(added.length > 0 ? 409 : 204);

        await employee.get(`/categories/${id}`).expect(deletion.status === 204 ? 404 : 200);
        const { body: items } = await employee.get('/items').expect(200);
        const inCategory = items.filter((item: ItemResponse) => item.category_id === id);
        expect(inCategory).toHaveLength(added.length);
        expect(inCategory).toEqual(expect.arrayContaining(added.map(({ body }) => body)));
        outcomes.add(deletion.status);
      }
      expect([...outcomes].sort()).toEqual([204, 409]);
    });

    it('never leave stock without its item, whichever comes first', async () => {
      const outcomes = new Set<number>();
      for (let round = 0; isNeeded(round, outcomes); round++) {
        const stocked = await createStock(employee);
        const bare = await createItem(employee, { category_id });
        const requests = [
          () => employee.delete(`/items/${stocked.item_id}`),
          () => employee.delete(`/items/${bare.id}`),
          ...Array.from({ length: 4 }, (_, quantity) => [
            () => employee.patch(`/stock/${stocked.item_id}`, { quantity }),
            () => employee.post('/stock', { item_id: bare.id, quantity }),
          ]).flat(),
        ];
        // The deletions come a little later in each round.
        const ordered = [
          ...requests.slice(2, 2 + 2 * (round % ROUNDS)),
          ...requests.slice(0, 2),
          ...requests.slice(2 + 2 * (round % ROUNDS)),
        ];
        const responses = await race(
          shop.app,
          ordered.map((send) => send()),
          arrivals(round, ordered.length),
        );

        for (const { status } of responses) expect([200, 201, 204, 404, 409]).toContain(status);
        expect(tally(responses)[204]).toBe(2);
        for (const id of [stocked.item_id, bare.id]) {
          await employee.get(`/items/${id}`).expect(404);
          await employee.get(`/stock/${id}`).expect(404);
          expect((await employee.get('/stock').expect(200)).text).not.toContain(`"item_id":${id},`);
        }
        for (const { status } of responses) if ([200, 404].includes(status)) outcomes.add(status);
      }
      // The quantity of an item that is there was changed, and that of one that is gone was not.
      expect([...outcomes].sort()).toEqual([200, 404]);
    });

    it('of one item at once succeed once', async () => {
      const { item_id } = await createStock(employee);
      const removals = await atOnce(() => employee.delete(`/stock/${item_id}`));
      expect(tally(removals)).toEqual({ 204: 1, 404: N - 1 });
      const deletions = await atOnce(() => employee.delete(`/items/${item_id}`));
      expect(tally(deletions)).toEqual({ 204: 1, 404: N - 1 });
    });
  });

  it('let a count go on when the quantity it expects comes true while it waits', async () => {
    const { item_id } = await createStock(employee, { quantity: 4 });
    const database = shop.app.get(Database);
    const delivery = { delta: 1000, reason: MovementReason.Delivery } as MovementCreate;
    const by = { id: 1, role: Role.Admin } as CurrentUser;
    const signals = new EventEmitter();
    const changed = once(signals, 'changed');
    const other = database.transaction(async () => {
      await shop.app.get(StockMovementsService).record(item_id, delivery, by);
      signals.emit('changed');
      await once(signals, 'commit');
    });
    await changed;
    const path = `/stock/${item_id}/movements`;
    const counted = employee.post(path, { counted_quantity: 3, reason: 'count', expected_quantity: 5 });
    const answer = counted.then((response) => response);
    await until(() => isSomebodyWaiting(database));
    signals.emit('commit');
    await other;
    expect(await answer).toMatchObject({
      status: 201,
      body: { delta: -2, quantity_before: 5, quantity_after: 3 },
    });
  });

  it('leave a ledger that adds up to what is in stock', async () => {
    const { body } = await admin.get('/stock/ledger/verify').expect(200);
    expect(body).toMatchObject({ is_valid: true, first_problem: null });
    expect(body.movements).toBeGreaterThan(N);
  });
});

describe('Two admins that remove each other at once', () => {
  let shop: Shop;
  let survivor: Client;

  beforeAll(async () => {
    shop = await Shop.open();
    survivor = shop.as(Role.Admin);
  });

  afterAll(() => shop.close());

  async function profileOf(client: Client): Promise<UserResponse> {
    return (await client.get('/auth/me').expect(200)).body;
  }

  const remove = (by: Client, { id }: UserResponse) => by.delete(`/users/${id}`);
  const demote = (by: Client, { id }: UserResponse) => by.patch(`/users/${id}`, { role: Role.Employee });
  const deactivate = (by: Client, { id }: UserResponse) => by.patch(`/users/${id}`, { is_active: false });

  it.each([
    ['by deletion', remove, remove],
    ['by demotion', demote, demote],
    ['by deactivation', deactivate, deactivate],
    ['one by deletion, one by demotion', remove, demote],
    ['one by deactivation, one by deletion', deactivate, remove],
    ['by deletion, once more', remove, remove],
    ['by demotion, once more', demote, demote],
  ])('leave exactly one: %s', async (way, first, second) => {
    const username = way.replace(/\W+/g, '_');
    const registration = {
      username,
      email: `${username}@shop.example`,
      password: PASSWORD,
      role: Role.Admin,
    };
    await survivor.post('/users/register', registration).expect(201);
    const rival = await shop.anonymous.login(username, PASSWORD);
    const [one, other] = [await profileOf(survivor), await profileOf(rival)];

    const outcomes = await race(shop.app, [first(survivor, other), second(rival, one)]);

    const statuses = outcomes.map(({ status }) => status);
    expect(statuses.filter((status) => [200, 204].includes(status))).toHaveLength(1);
    // Too late to be the last (409), to be an admin (403), or to be anyone (401).
    expect(statuses.filter((status) => [401, 403, 409].includes(status))).toHaveLength(1);
    if ([200, 204].includes(outcomes[1].status)) survivor = rival;

    const { body: users } = await survivor.get('/users').expect(200);
    const admins = users.filter((user: UserResponse) => user.role === Role.Admin && user.is_active);
    expect(admins).toEqual([await profileOf(survivor)]);
    const { body: refusal } = await survivor.delete(`/users/${admins[0].id}`).expect(409);
    expect(refusal).toEqual({
      detail: 'This is the last active admin: make another user an admin first',
      code: 'last_admin',
    });
  });

  it('keep the last one, however often all of it is tried on them at once', async () => {
    const last = await profileOf(survivor);
    const ways = [remove, demote, deactivate];
    const outcomes = await race(
      shop.app,
      [...ways, ...ways, ...ways].map((way) => way(survivor, last)),
    );
    expect(tally(outcomes)).toEqual({ 409: 9 });
    expect(await profileOf(survivor)).toEqual(last);
  });
});
