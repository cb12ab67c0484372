import type { OpenAPIObject } from '@nestjs/swagger';
import { Program } from './support/program.js';
import { ADMIN } from './support/shop.js';
import { createTemporaryDatabase, type TemporaryDatabase } from './support/temporary-database.js';
import { createTemporaryFolder } from './support/temporary-folder.js';

interface Operation {
  operationId: string;
  parameters: {
    name: string;
    in: string;
    schema: { example?: string | number; default?: string | number };
  }[];
  requestBody?: {
    content: Record<string, { example?: unknown; examples?: Record<string, { value: unknown }> }>;
  };
  responses: Record<string, { headers: object }>;
}

interface Outcome {
  operationId: string;
  expected: number;
  status: number;
  headers: Headers;
  body: string;
}

/** The one value of an example that nobody can know before: the refresh token of the login before it. */
const PLACEHOLDER = 'eyJhbGciOiJIUzI1NiJ9.…';

/** Of most bodies the first example is sent. Deleting takes a cart, and a line, that is not sold. */
const SENT_WITH_ALL_EXAMPLES = ['createCart', 'addCartItem', 'createStocktake'];

/** As a visitor of Swagger UI tries one operation after the other, on a fresh database, as the documented admin. */
describe('The examples of the documentation', () => {
  let folder: string;
  let database: TemporaryDatabase;
  let origin: URL;
  let document: OpenAPIObject;
  let accessToken: string;

  beforeAll(async () => {
    folder = await createTemporaryFolder();
    database = await createTemporaryDatabase();
    origin = await new Program(folder, { DATABASE_URL: database.url }).ready;
    document = (await (await fetch(new URL('/openapi.json', origin))).json()) as OpenAPIObject;
  });

  afterAll(async () => {
    await Program.endAll();
    await database.drop();
  });

  beforeEach(async () => {
    accessToken = await logIn();
    await importMany();
  });

  it('succeed in the order of the document, each as it stands', async () => {
    const outcomes = await executeAll();
    expect(new Set(outcomes.map(({ operationId }) => operationId)).size).toBe(
      Object.values(document.paths).flatMap((item) => Object.keys(item)).length,
    );
    const failed = outcomes.filter(({ status, expected }) => status !== expected);
    expect(failed.map(({ operationId, body }) => [operationId, body])).toEqual([]);

    const created = outcomes.filter(({ headers }) => headers.has('location'));
    expect(created.map(({ operationId, headers }) => [operationId, headers.get('location')])).toEqual([
      ['registerUser', '/api/v1/users/2'],
      ['createCategory', '/api/v1/categories/8'],
      ['createItem', '/api/v1/items/33'],
      ['addStock', '/api/v1/stock/33'],
      ['recordMovement', expect.stringMatching(/^\/api\/v1\/stock\/movements\/\d+$/)],
      ['reverseMovement', expect.stringMatching(/^\/api\/v1\/stock\/movements\/\d+$/)],
      ['createCart', '/api/v1/carts/1'],
      ['createCart', '/api/v1/carts/2'],
      ['createCart', '/api/v1/carts/3'],
      ['addCartItem', '/api/v1/carts/1'],
      ['addCartItem', '/api/v1/carts/1'],
      ['refundCart', '/api/v1/carts/1'],
      ['createStocktake', '/api/v1/stocktakes/1'],
      ['createStocktake', '/api/v1/stocktakes/2'],
      ['createStocktake', '/api/v1/stocktakes/3'],
      ['createTask', '/api/v1/tasks/1'],
    ]);
  });

  it('leave the documented admin and the mock data as they were, but for the item that one of them deletes', async () => {
    const { full_name, is_active, role } = await read<Record<string, unknown>>('/auth/me');
    expect({ full_name, is_active, role }).toMatchObject({ is_active: true, role: 'admin' });
    expect(await read('/categories')).toHaveLength(7);
    expect(await read('/items')).toHaveLength(32);
    expect(await read('/stock')).toHaveLength(31);
  });

  it('succeed again, but for what the first time has used up', async () => {
    const outcomes = await executeAll();
    const failed = outcomes.filter(({ status, expected }) => status !== expected);
    expect(failed.map(({ operationId, status }) => [operationId, status])).toEqual([
      ['deleteSession', 404],
      ['deleteUser', 404],
      ['deleteCategory', 404],
      ['createItem', 409],
      ['deleteItem', 404],
      ['reverseMovement', 409],
      ['updateCart', 409],
      ['addCartItem', 409],
      ['addCartItem', 409],
      ['clearCart', 409],
      ['updateCartItem', 409],
      ['removeCartItem', 409],
      ['returnCartItem', 409],
      ['updateStocktake', 409],
      ['countItem', 409],
      ['getTask', 404],
      ['updateTask', 404],
      ['deleteTask', 404],
    ]);
  });

  async function logIn(): Promise<string> {
    const response = await fetch(new URL('/api/v1/auth/login', origin), {
      method: 'POST',
      body: new URLSearchParams(ADMIN),
    });
    expect(response.status).toBe(200);
    return ((await response.json()) as { access_token: string }).access_token;
  }

  /** An import that can be asked for: no example has so many rows. */
  async function importMany(): Promise<void> {
    const rows = Array.from({ length: 1_001 }, (_, row) => `Tea ${row},Tea,1`);
    const response = await fetch(new URL('/api/v1/items/import?dry_run=true', origin), {
      method: 'POST',
      headers: { Authorization: `Bearer ${accessToken}`, 'Content-Type': 'text/csv' },
      body: ['name,category,unit_price', ...rows].join('\r\n'),
    });
    expect(response.status).toBe(202);
  }

  async function read<T>(path: string): Promise<T> {
    const response = await fetch(new URL(`/api/v1${path}`, origin), {
      headers: { Authorization: `Bearer ${accessToken}` },
    });
    return (await response.json()) as T;
  }

  async function executeAll(): Promise<Outcome[]> {
    const outcomes: Outcome[] = [];
    let refreshToken = PLACEHOLDER;
    for (const [path, item] of Object.entries(document.paths)) {
      for (const [method, operation] of Object.entries(item as Record<string, Operation>)) {
        for (const sent of bodiesOf(operation)) {
          const outcome = await execute(method, path, operation, sent, refreshToken);
          if (operation.operationId === 'login') {
            refreshToken = (JSON.parse(outcome.body) as { refresh_token: string }).refresh_token;
          }
          outcomes.push(outcome);
        }
      }
    }
    return outcomes;
  }

  /** Of the first kind of body: its first example, or all of them; nothing for an operation that takes no body. */
  function bodiesOf({ operationId, requestBody }: Operation): { type?: string; text?: string }[] {
    if (!requestBody) return [{}];
    const [[type, { example, examples = {} }] = ['', {}]] = Object.entries(requestBody.content);
    const values = example === undefined ? Object.values(examples).map(({ value }) => value) : [example];
    const sent = SENT_WITH_ALL_EXAMPLES.includes(operationId) ? values : values.slice(0, 1);
    return sent.map((value) => ({
      type,
      text: type.includes('json')
        ? JSON.stringify(value)
        : typeof value === 'string'
          ? value
          : new URLSearchParams(value as Record<string, string>).toString(),
    }));
  }

  /** What Swagger UI fills in: examples, else defaults, else nothing. */
  async function execute(
    method: string,
    path: string,
    { operationId, parameters, responses }: Operation,
    { type, text }: { type?: string; text?: string },
    refreshToken: string,
  ): Promise<Outcome> {
    const url = new URL(path, origin);
    for (const { name, in: place, schema } of parameters) {
      const value = schema.example ?? schema.default;
      if (value === undefined) continue;
      if (place === 'path') url.pathname = decodeURI(url.pathname).replace(`{${name}}`, String(value));
      else if (place === 'query') url.searchParams.set(name, String(value));
    }
    const headers = new Headers({ Authorization: `Bearer ${accessToken}` });
    if (type !== undefined) headers.set('Content-Type', type);
    const body = text?.replace(PLACEHOLDER, refreshToken);
    const response = await fetch(url, { method: method.toUpperCase(), headers, body });
    // A stream of events ends when the client leaves.
    const isEndless = response.headers.get('content-type')?.startsWith('text/event-stream') ?? false;
    if (isEndless) await response.body?.cancel();
    const [expected] = Object.keys(responses).filter((status) => status.startsWith('2'));
    return {
      operationId,
      expected: Number(expected),
      status: response.status,
      headers: response.headers,
      body: isEndless ? '' : await response.text(),
    };
  }
});
