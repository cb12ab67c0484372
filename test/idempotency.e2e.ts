import { createHash, randomUUID } from 'node:crypto';
import supertest, { type Test } from 'supertest';
import { Role } from '../src/platform/authorization/role.js';
import { Database } from '../src/platform/database/database.js';
import { createAccount } from './support/accounts.js';
import { startApp } from './support/app.js';
import { createItem, createStock } from './support/catalogue.js';
import { Client } from './support/client.js';
import { useProcessClock } from './support/clock.js';
import { describeOnPostgres } from './support/engines.js';
import { type Issue, refusal, tooLong, tooShort, tooSmall } from './support/issues.js';
import { race } from './support/race.js';
import { PASSWORD, Shop } from './support/shop.js';
import { until } from './support/until.js';

const N = 50;
const KEPT_FOR = 7 * 24 * 60 * 60 * 1000;
const MINUTE = 60 * 1000;
const IN_FLIGHT = {
  detail: 'A request with this Idempotency-Key is still being carried out: try again in 1 second',
  code: 'idempotency_key_in_use',
};
const REUSED: Issue = {
  type: 'value_error',
  msg: 'Value error, this key belongs to another request that was sent before',
};
const SENT_TWICE: Issue = { type: 'value_error', msg: 'Value error, the header should be sent once' };
const TOO_OLD: Issue = {
  type: 'value_error',
  msg: 'Value error, a movement is recorded within 7 days',
};
const NOT_ASCII: Issue = {
  type: 'string_pattern_mismatch',
  msg: "String should match pattern '^[ -~]*$'",
};

type Answer = Awaited<Test>;

/** The body of a 422 about the key. */
function keyRefusal(issue: Issue): object {
  return refusal(issue, 'header', 'Idempotency-Key');
}

function expectReplay(replay: Answer, first: Answer): void {
  const shown = ({ status, text, headers }: Answer) => [status, text, headers.etag, headers['content-type']];
  expect(first.status).toBeLessThan(300);
  expect(first.headers).not.toHaveProperty('idempotency-replayed');
  expect(replay.headers).toHaveProperty('idempotency-replayed', 'true');
  expect(shown(replay)).toEqual(shown(first));
}

describe('Requests with an Idempotency-Key', () => {
  let shop: Shop;
  let database: Database;
  let employee: Client;

  beforeAll(async () => {
    shop = await Shop.open();
    database = shop.app.get(Database);
    employee = shop.as(Role.Employee);
  });

  afterEach(() => jest.restoreAllMocks());
  afterAll(() => shop.close());

  /** Sells one of the item. */
  function sell(itemId: number, key: string, client = employee): Test {
    return client
      .post(`/stock/${itemId}/movements`, { delta: -1, reason: 'sale' })
      .set('Idempotency-Key', key);
  }

  async function quantityOf(itemId: number): Promise<number> {
    return (await shop.as(Role.Admin).get(`/stock/${itemId}`).expect(200)).body.quantity;
  }

  /** The movements of the item, but for the first. */
  async function countMovements(itemId: number): Promise<number> {
    const [row] = await database.read<{ count: number }>`
      select count(*) - 1 as count from stock_movements where item_id = ${itemId}`;
    return Number(row?.count);
  }

  /** Those of the keys that are kept. */
  async function keptOf(...keys: string[]): Promise<string[]> {
    const rows = await database.read<{ key: string }>`select key from idempotency_keys`;
    return keys.filter((key) => rows.some((row) => row.key === key));
  }

  /** Moves what is kept under a key into the past. */
  async function age(key: string, milliseconds: number): Promise<void> {
    const createdAt = new Date(Date.now() - milliseconds).toISOString();
    await database.write`update idempotency_keys set created_at = ${createdAt} where key = ${key}`;
  }

  /** What takes the header: how to send it, to the same item each time, and how many movements that is. */
  const OPERATIONS: [
    name: string,
    movements: number,
    prepare: () => Promise<{ itemId: number; send: () => Test }>,
  ][] = [
    [
      'POST /stock',
      0,
      async () => {
        const { id: itemId } = await createItem(employee);
        return { itemId, send: () => employee.post('/stock', { item_id: itemId, quantity: 2.5 }) };
      },
    ],
    [
      'PATCH /stock/{item_id}',
      1,
      async () => {
        const { item_id: itemId } = await createStock(employee);
        return { itemId, send: () => employee.patch(`/stock/${itemId}`, { quantity: 7 }) };
      },
    ],
    [
      'POST /stock/{item_id}/movements',
      1,
      async () => {
        const { item_id: itemId } = await createStock(employee, { quantity: 100 });
        const sale = { delta: -1, reason: 'sale' };
        return { itemId, send: () => employee.post(`/stock/${itemId}/movements`, sale) };
      },
    ],
    [
      'POST /stock/movements/batch',
      100,
      async () => {
        const { item_id: itemId } = await createStock(employee);
        const movement = { item_id: itemId, delta: 1, reason: 'delivery', note: 'Ü'.repeat(500) };
        const movements = Array.from({ length: 100 }, () => movement);
        return { itemId, send: () => employee.post('/stock/movements/batch', { movements }) };
      },
    ],
    [
      'POST /stock/movements/{movement_id}/reverse',
      1,
      async () => {
        const { item_id: itemId, id } = await createStock(employee, { quantity: 100 });
        const [movement] = await database.read<{ id: number }>`
          select id from stock_movements where stock_entry_id = ${id}`;
        return { itemId, send: () => employee.post(`/stock/movements/${movement?.id}/reverse`) };
      },
    ],
  ];

  describe.each(OPERATIONS)('to %s', (_name, movements, prepare) => {
    it('are carried out once, and answered the same each time', async () => {
      const { itemId, send } = await prepare();
      const key = randomUUID();
      const first = await send().set('Idempotency-Key', key);
      const quantity = await quantityOf(itemId);
      expectReplay(await send().set('Idempotency-Key', key), first);
      expectReplay(await send().set('Idempotency-Key', key), first);
      expect([await quantityOf(itemId), await countMovements(itemId)]).toEqual([quantity, movements]);
    });

    it('are answered the first time as if there were no key', async () => {
      const [keyed, plain] = [await prepare(), await prepare()];
      const answers = [await keyed.send().set('Idempotency-Key', randomUUID()), await plain.send()];
      const [first, second] = answers.map(({ status, headers, body }) => [
        status,
        Object.keys(headers).sort(),
        headers['content-type'],
        Object.keys(body as object),
      ]);
      expect(first).toEqual(second);
    });

    it(`are carried out once when ${N} come at once`, async () => {
      const { itemId, send } = await prepare();
      const key = randomUUID();
      const answers = await race(
        shop.app,
        Array.from({ length: N }, () => send().set('Idempotency-Key', key)),
      );
      const isReplay = ({ headers }: Answer) => headers['idempotency-replayed'] === 'true';
      const carriedOut = answers.filter((answer) => answer.status < 300 && !isReplay(answer));
      expect(carriedOut).toHaveLength(1);
      for (const answer of answers.filter((other) => other !== carriedOut[0])) {
        if (isReplay(answer)) expectReplay(answer, carriedOut[0] as Answer);
        else
          expect([answer.status, answer.headers['retry-after'], answer.body]).toEqual([409, '1', IN_FLIGHT]);
      }
      expect(await countMovements(itemId)).toBe(movements);
    });
  });

  it('carry the tag of what they have changed', async () => {
    const { item_id } = await createStock(employee);
    const { headers } = await employee
      .patch(`/stock/${item_id}`, { quantity: 3 })
      .set('Idempotency-Key', randomUUID())
      .expect(200);
    expect((await employee.get(`/stock/${item_id}`)).headers.etag).toBe(headers.etag);
  });

  it('are the same in whatever order the fields are, and with a trailing slash', async () => {
    const { id: item_id } = await createItem(employee);
    const key = randomUUID();
    const first = await employee.post('/stock', { item_id, quantity: 2 }).set('Idempotency-Key', key);
    const again = await employee.post('/stock/', { quantity: 2, item_id }).set('Idempotency-Key', key);
    expectReplay(again, first);
  });

  it.each<[what: string, send: (itemId: number, movement: object) => Test]>([
    [
      'an unknown field',
      (itemId, movement) =>
        employee.post(`/stock/${itemId}/movements`, { ...movement, sent_at: 17, tries: 2 }),
    ],
    ['a query', (itemId, movement) => employee.post(`/stock/${itemId}/movements?_=17`, movement)],
    ['zeros before the id', (itemId, movement) => employee.post(`/stock/00${itemId}/movements`, movement)],
    [
      'a decimal as text',
      (itemId, movement) => employee.post(`/stock/${itemId}/movements`, { ...movement, delta: '3.50' }),
    ],
    [
      'spaces around a text',
      (itemId, movement) => employee.post(`/stock/${itemId}/movements`, { ...movement, reference: ' A 1 ' }),
    ],
    [
      'another spelling of a time',
      (itemId, { occurred_at }: { occurred_at?: string }) =>
        employee.post(`/stock/${itemId}/movements`, {
          delta: 3.5,
          reason: 'delivery',
          reference: 'A 1',
          occurred_at: occurred_at?.replace('Z', '000Z'),
        }),
    ],
  ])('are the same with %s', async (_what, send) => {
    const { item_id } = await createStock(employee);
    const key = randomUUID();
    const occurred_at = new Date(Date.now() + MINUTE).toISOString();
    const movement = { delta: 3.5, reason: 'delivery', reference: 'A 1', occurred_at };
    const first = await employee.post(`/stock/${item_id}/movements`, movement).set('Idempotency-Key', key);
    expectReplay(await send(item_id, movement).set('Idempotency-Key', key), first);
    expect(await quantityOf(item_id)).toBe(4.5);
  });

  it('are the same when the first was answered by a version that compared what was sent', async () => {
    const { item_id } = await createStock(employee, { quantity: 10 });
    const key = randomUUID();
    const first = await sell(item_id, key);
    const sent = [
      'POST',
      '/api/v1/stock/:item_id/movements',
      { item_id: String(item_id) },
      {},
      { delta: -1, reason: 'sale' },
    ];
    const former = createHash('sha256').update(JSON.stringify(sent)).digest('hex');
    await database.write`update idempotency_keys set fingerprint = ${former} where key = ${key}`;
    expectReplay(await sell(item_id, key), first);
    const other = employee.post(`/stock/${item_id}/movements`, { delta: -2, reason: 'sale' });
    expect((await other.set('Idempotency-Key', key).expect(422)).body).toEqual(keyRefusal(REUSED));
    expect(await quantityOf(item_id)).toBe(9);
  });

  it.each<[what: string, send: (itemId: number, otherId: number) => Test]>([
    ['body', (itemId) => employee.patch(`/stock/${itemId}`, { quantity: 8 })],
    ['path', (_, otherId) => employee.patch(`/stock/${otherId}`, { quantity: 7 })],
    ['operation', (itemId) => employee.post('/stock', { item_id: itemId, quantity: 7 })],
  ])('are refused when the key belongs to one with another %s', async (_what, send) => {
    const [{ item_id: itemId }, { item_id: otherId }] = [
      await createStock(employee),
      await createStock(employee),
    ];
    const key = randomUUID();
    await employee.patch(`/stock/${itemId}`, { quantity: 7 }).set('Idempotency-Key', key).expect(200);
    const { body, headers } = await send(itemId, otherId).set('Idempotency-Key', key).expect(422);
    expect(body).toEqual(keyRefusal(REUSED));
    expect(headers).not.toHaveProperty('idempotency-replayed');
    expect([await quantityOf(itemId), await quantityOf(otherId)]).toEqual([7, 1]);
  });

  it('hear first what is wrong with their body', async () => {
    const { item_id } = await createStock(employee);
    const key = randomUUID();
    const send = (quantity: number) =>
      employee.patch(`/stock/${item_id}`, { quantity }).set('Idempotency-Key', key);
    await send(7).expect(200);
    const { body, headers } = await send(-1).expect(422);
    expect(body).toEqual(refusal(tooSmall(0), 'body', 'quantity'));
    expect(headers).not.toHaveProperty('idempotency-replayed');
    expect(await quantityOf(item_id)).toBe(7);
  });

  it('are others than those of another user with the same key', async () => {
    const { item_id } = await createStock(employee, { quantity: 10 });
    const key = randomUUID();
    const first = await sell(item_id, key);
    const second = await sell(item_id, key, shop.as(Role.Admin));
    expect([first.status, second.status, second.headers['idempotency-replayed']]).toEqual([
      201,
      201,
      undefined,
    ]);
    expectReplay(await sell(item_id, key, shop.as(Role.Admin)), second);
    expect(await quantityOf(item_id)).toBe(8);
  });

  it('are answered to nobody whose account is closed', async () => {
    const { item_id } = await createStock(employee, { quantity: 10 });
    const { id, client } = await createAccount(shop);
    const key = randomUUID();
    await sell(item_id, key, client).expect(201);
    await shop.as(Role.Admin).patch(`/users/${id}`, { is_active: false }).expect(200);
    await sell(item_id, key, client).expect(401);
  });

  it('may be tried again with the same key when they were refused, and leave nothing until then', async () => {
    const { item_id } = await createStock(employee, { quantity: 0.5 });
    const key = randomUUID();
    const path = `/stock/${item_id}/movements`;
    await employee.post(path, { delta: 1, reason: 'gift' }).set('Idempotency-Key', key).expect(422);
    await employee
      .post('/stock/0/movements', { delta: 1, reason: 'sale' })
      .set('Idempotency-Key', key)
      .expect(422);
    const refused = await sell(item_id, key).expect(409);
    expect(refused.headers).not.toHaveProperty('retry-after');
    expect(await keptOf(key)).toEqual([]);

    await employee.post(path, { delta: 1, reason: 'delivery' }).expect(201);
    const first = await sell(item_id, key);
    expectReplay(await sell(item_id, key), first);
    expect(await quantityOf(item_id)).toBe(0.5);
  });

  it('are answered again before it is looked at what state they expect', async () => {
    const { item_id } = await createStock(employee);
    const { etag = '' } = (await employee.get(`/stock/${item_id}`)).headers;
    const key = randomUUID();
    const send = () => employee.patch(`/stock/${item_id}`, { quantity: 5 }).set('If-Match', etag);
    const first = await send().set('Idempotency-Key', key);
    expectReplay(await send().set('Idempotency-Key', key), first);
    await send().expect(412);
    await send().set('Idempotency-Key', randomUUID()).expect(412);
  });

  it('are answered again when they have become too old to be new ones', async () => {
    const { item_id } = await createStock(employee, { quantity: 10 });
    const key = randomUUID();
    const occurred_at = new Date(Date.now() - KEPT_FOR + MINUTE).toISOString();
    const sale = { delta: -1, reason: 'sale', occurred_at };
    const send = (client: Client) =>
      client.post('/stock/movements/batch', { movements: [{ item_id, ...sale }] });
    const first = await send(employee).set('Idempotency-Key', key);

    const { now } = Date;
    jest.spyOn(Date, 'now').mockImplementation(() => now() + 2 * MINUTE);
    useProcessClock();
    const client = await shop.anonymous.login(Role.Employee, PASSWORD);
    expectReplay(await send(client).set('Idempotency-Key', key), first);
    const { body } = await send(client).set('Idempotency-Key', randomUUID()).expect(422);
    expect(body).toEqual(refusal(TOO_OLD, 'body', 'movements', 0, 'occurred_at'));
    const { body: movements } = await client.get(`/stock/${item_id}/movements?reason=sale`).expect(200);
    expect(movements).toHaveLength(1);
  });

  describe('are kept for seven days', () => {
    it('and are new requests from then on', async () => {
      const { item_id } = await createStock(employee, { quantity: 10 });
      const key = randomUUID();
      const first = await sell(item_id, key);
      await age(key, KEPT_FOR - MINUTE);
      expectReplay(await sell(item_id, key), first);

      await age(key, KEPT_FOR);
      const send = () => employee.patch(`/stock/${item_id}`, { quantity: 4 }).set('Idempotency-Key', key);
      const second = await send();
      expectReplay(await send(), second);
      expect(await quantityOf(item_id)).toBe(4);
    });

    it('and are deleted once in a while', async () => {
      const { item_id } = await createStock(employee, { quantity: 10 });
      const [old, older, young, late] = [randomUUID(), randomUUID(), randomUUID(), randomUUID()];
      for (const key of [old, older, young, late]) await sell(item_id, key).expect(201);

      const { now } = Date;
      jest.spyOn(Date, 'now').mockImplementation(() => now() + 61 * MINUTE);
      useProcessClock();
      const client = await shop.anonymous.login(Role.Employee, PASSWORD);
      await age(old, KEPT_FOR);
      await age(older, 2 * KEPT_FOR);
      await age(young, KEPT_FOR - MINUTE);
      await sell(item_id, randomUUID(), client).expect(201);
      await until(async () => (await keptOf(old, older)).length === 0);
      await age(late, KEPT_FOR);
      await sell(item_id, randomUUID(), client).expect(201);
      expect(await keptOf(old, older, young, late)).toEqual([young, late]);
    });
  });

  it.each([
    ['1', '1'],
    ['255 characters', 'x'.repeat(255)],
    [
      'all there is of ASCII',
      Array.from({ length: 94 }, (_, index) => String.fromCharCode(33 + index)).join(''),
    ],
    ['spaces and commas', 'till 7, order 12'],
  ])('take for a key: %s', async (_what, key) => {
    const { item_id } = await createStock(employee, { quantity: 10 });
    const first = await sell(item_id, key);
    expectReplay(await sell(item_id, key), first);
  });

  it('do not take a key with quotes for the one without', async () => {
    const { item_id } = await createStock(employee, { quantity: 10 });
    await sell(item_id, 'quoted').expect(201);
    const { headers } = await sell(item_id, '"quoted"').expect(201);
    expect(headers).not.toHaveProperty('idempotency-replayed');
  });

  it.each<[what: string, key: string | string[], issue: Issue]>([
    ['nothing', '', tooShort(1)],
    ['spaces', '  ', tooShort(1)],
    ['256 characters', 'x'.repeat(256), tooLong(255)],
    ['other letters', 'Crème', NOT_ASCII],
    ['a tab', 'a\tb', NOT_ASCII],
    ['two headers', ['a', 'b'], SENT_TWICE],
    ['the same header twice', ['a', 'a'], SENT_TWICE],
  ])('do not take for a key: %s', async (_what, key, issue) => {
    const { item_id } = await createStock(employee, { quantity: 10 });
    const { body } = await sell(item_id, key as string).expect(422);
    expect(body).toEqual(keyRefusal(issue));
    await sell(item_id, key as string, shop.anonymous).expect(401);
    expect(await quantityOf(item_id)).toBe(10);
  });

  it('may be sent by a page of an allowed origin', async () => {
    const { headers } = await supertest(shop.url)
      .options('/api/v1/stock')
      .set('Origin', 'http://localhost:3000')
      .set('Access-Control-Request-Method', 'POST')
      .set('Access-Control-Request-Headers', 'authorization,content-type,idempotency-key')
      .expect(204);
    expect(headers['access-control-allow-headers']).toContain('idempotency-key');
  });

  // Last, as its second app takes the logins over: passport knows one strategy for the whole process.
  describe('while one is being carried out', () => {
    /** Sends some at once while none can go on. What all but one are answered until then, and that one. */
    async function sendHeld(itemId: number, send: (index: number) => Test): Promise<[Answer[], Answer]> {
      let release = (): void => undefined;
      const released = new Promise<void>((resolve) => (release = resolve));
      let isHeld = false;
      const holding = database.transaction(async () => {
        await database.write`update stock_entries set quantity = quantity where item_id = ${itemId}`;
        isHeld = true;
        await released;
      });
      await until(() => isHeld);
      const answers: Answer[] = [];
      const sent = Array.from({ length: 6 }, (_, index) =>
        send(index).then((answer) => answers.push(answer)),
      );
      try {
        await until(() => answers.length === 5);
      } finally {
        release();
        await Promise.all([holding, ...sent]);
      }
      return [answers.slice(0, 5), answers[5] as Answer];
    }

    function expectRefusals(answers: Answer[]): void {
      for (const { status, headers, body } of answers) {
        expect([status, headers['retry-after'], body]).toEqual([409, '1', IN_FLIGHT]);
      }
    }

    it('are 409 with the time to wait', async () => {
      const { item_id } = await createStock(employee, { quantity: 10 });
      const key = randomUUID();
      const [others, first] = await sendHeld(item_id, () => sell(item_id, key));
      expectRefusals(others);
      expectReplay(await sell(item_id, key), first);
      expect(await quantityOf(item_id)).toBe(9);
    });

    describeOnPostgres('by one of several replicas', () => {
      let clients: Client[];
      let close: () => Promise<void>;

      beforeAll(async () => {
        const { app, client } = await startApp({ url: shop.databaseUrl, drop: () => Promise.resolve() });
        clients = [employee, new Client(client.url, employee.accessToken)];
        close = () => app.close();
      });

      afterAll(() => close());

      it('are 409 with the time to wait from each of them', async () => {
        const { item_id } = await createStock(employee, { quantity: 10 });
        const key = randomUUID();
        const [others, first] = await sendHeld(item_id, (index) => sell(item_id, key, clients[index % 2]));
        expectRefusals(others);
        for (const client of clients) expectReplay(await sell(item_id, key, client), first);
        expect(await quantityOf(item_id)).toBe(9);
      });

      it(`are carried out once when ${N} come at once`, async () => {
        const { item_id } = await createStock(employee, { quantity: 100 });
        const key = randomUUID();
        const answers = await race(
          shop.app,
          Array.from({ length: N }, (_, index) => sell(item_id, key, clients[index % 2])),
          N / 2,
        );
        const done = answers.filter(({ status }) => status === 201);
        expect(done.filter(({ headers }) => !headers['idempotency-replayed'])).toHaveLength(1);
        expectRefusals(answers.filter(({ status }) => status !== 201));
        expect(await quantityOf(item_id)).toBe(99);
      });
    });
  });
});
