import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { OpenAPIObject } from '@nestjs/swagger';
import { Validator } from '@seriousme/openapi-schema-validator';
import { nonEmpty } from './support/non-empty.js';
import { Program } from './support/program.js';
import { createTemporaryDatabase } from './support/temporary-database.js';
import { createTemporaryFolder } from './support/temporary-folder.js';

const SNAPSHOT = fileURLToPath(new URL('./openapi.snapshot.json', import.meta.url));

/** Of a method that a path doesn't have; of a body that comes too slowly; of too many requests; of a database that is away. */
const EVERYWHERE = ['405', '408', '429', '503'];
const PUBLIC = ['login', 'refresh', 'checkLiveness', 'checkReadiness', 'scrapeMetrics'];

/** What they change may be gone after that: 204 in place of 200. */
const MAY_BE_GONE = ['updateCartItem', 'returnCartItem'];

/** What they do may take until after the response: 202 in place of 200. */
const MAY_TAKE_LONG = ['importItems'];

/** The parts of OpenAPI that the document makes use of. */
interface Schema {
  $ref?: string;
  type?: string;
  enum?: unknown[];
  items?: Schema;
  allOf?: Schema[];
  description?: string;
  example?: unknown;
  properties?: Record<string, Schema>;
}
interface Content {
  schema: Schema;
  example?: unknown;
  examples?: object;
}
interface Response {
  description: string;
  headers?: Record<string, unknown>;
  content?: Record<string, Content>;
}
interface Operation {
  operationId: string;
  summary: string;
  description?: string;
  tags: string[];
  parameters: { name: string; in: string; description?: string; schema: Schema }[];
  requestBody?: { content: Record<string, Content> };
  responses: Record<string, Response>;
  security?: unknown[];
}

/** As the built program serves it: Jest's compiler does not run the plugin that reads types and comments. */
describe('The OpenAPI document', () => {
  let folder: string;
  let document: OpenAPIObject;
  let operations: Operation[];
  let schemas: Record<string, Schema>;

  beforeAll(async () => {
    folder = await createTemporaryFolder();
    const database = await createTemporaryDatabase();
    const program = new Program(folder, { DATABASE_URL: database.url });
    document = (await (await fetch(new URL('/openapi.json', await program.ready))).json()) as OpenAPIObject;
    operations = nonEmpty(Object.values(document.paths).flatMap((path) => Object.values(path)));
    schemas = document.components?.schemas as Record<string, Schema>;
    await program.end();
    await database.drop();
  });

  afterAll(async () => {
    await Program.endAll();
  });

  it('is the committed one (if it is meant to change: UPDATE_SNAPSHOT=1 npm test, and commit)', async () => {
    const text = `${JSON.stringify(document, withSortedKeys, 2)}\n`;
    if (process.env.UPDATE_SNAPSHOT) await writeFile(SNAPSHOT, text);
    expect(text).toBe(await readFile(SNAPSHOT, 'utf8'));
  });

  it('is valid OpenAPI', async () => {
    expect(await new Validator().validate({ ...document })).toEqual({ valid: true });
  });

  it('names every operation once, with one success', () => {
    expect(new Set(operations.map(({ operationId }) => operationId)).size).toBe(operations.length);
    for (const { operationId, responses } of operations) {
      const [success = '', ...more] = Object.keys(responses).filter((status) => status.startsWith('2'));
      const others = [
        ...(MAY_TAKE_LONG.includes(operationId) ? ['202'] : []),
        ...(MAY_BE_GONE.includes(operationId) ? ['204'] : []),
      ];
      expect([operationId, more]).toEqual([operationId, others]);
      const { schema } = Object.values(responses[success]?.content ?? {})[0] ?? {};
      expect([operationId, schema === undefined]).toEqual([operationId, success === '204']);
    }
  });

  it('says of every operation how what it takes can fail', () => {
    for (const { operationId, parameters, requestBody, responses, security } of operations) {
      const takes = (name: string) => parameters.some((parameter) => parameter.name === name);
      const isIn = (place: string) => parameters.some((parameter) => parameter.in === place);
      const expected = {
        304: takes('If-None-Match'),
        401: security === undefined || operationId === 'scrapeMetrics' || requestBody !== undefined,
        404: isIn('path') || undefined,
        412: takes('If-Match'),
        413: requestBody !== undefined,
        415: requestBody !== undefined,
        422: isIn('path') || isIn('query') || requestBody !== undefined,
      };
      for (const [status, isExpected] of Object.entries(expected)) {
        if (isExpected !== undefined) {
          expect([operationId, status, status in responses]).toEqual([operationId, status, isExpected]);
        }
      }
    }
  });

  it('says of every operation what any may answer with', () => {
    for (const [path, item] of Object.entries(document.paths)) {
      for (const { requestBody, responses } of Object.values(item as Record<string, Operation>)) {
        const expected = EVERYWHERE.filter(
          (status) => (status !== '408' || requestBody) && (status !== '429' || path.startsWith('/api/')),
        );
        expect(EVERYWHERE.filter((status) => responses[status])).toEqual(expected);
      }
    }
  });

  it('says which headers come with an answer', () => {
    const all = operations.flatMap(({ responses }) => Object.entries(responses));
    const without = (status: string, ...names: string[]) =>
      all.filter(([code, { headers }]) => code === status && names.some((name) => !headers?.[name]));
    expect(all.filter(([, { headers }]) => !headers?.['X-Request-Id'])).toEqual([]);
    expect(without('401', 'WWW-Authenticate')).toEqual([]);
    expect(without('405', 'Allow')).toEqual([]);
    expect(without('429', 'Retry-After')).toEqual([]);
    expect(without('503', 'Retry-After')).toEqual([]);
    const namesWithout = (...names: string[]) =>
      without('201', ...names).map(([, response]) => schemaNameOf(response));
    expect(namesWithout('Location')).toEqual(['MovementResponse[]']);
    // The sums of a cart change with prices, and a stocktake counts its counts: they have no version of their own.
    expect(namesWithout('ETag')).toEqual([
      'CreatedCartResponse',
      'CartItemResponse',
      'RefundResponse',
      'StocktakeResponse',
    ]);
    for (const header of nonEmpty(Object.values(document.components?.headers ?? {}))) {
      expect(header).toMatchObject({ description: expect.stringMatching(/^[A-Z]/) as string });
    }
  });

  it('gives every body an example', () => {
    const bodies = operations.flatMap(({ operationId, requestBody, responses }) =>
      [requestBody, ...Object.values(responses)].flatMap((body) =>
        Object.values(body?.content ?? {}).map((content) => ({ operationId, ...content })),
      ),
    );
    expect(nonEmpty(bodies).filter(({ example, examples }) => example === undefined && !examples)).toEqual(
      [],
    );
  });

  it('is for the server that it comes from', () => {
    expect(document.servers).toEqual([{ url: '/' }]);
  });

  it('says in words what every operation does, what it takes, and what every answer means', () => {
    for (const { operationId, summary, description, parameters, responses } of operations) {
      const parts = [...parameters, ...Object.values(responses)];
      const words = [summary, description, ...parts.map((part) => part.description)];
      const missing = words.filter((sentence) => !/^[A-Z`]/.test(sentence ?? ''));
      expect({ operationId, missing }).toEqual({ operationId, missing: [] });
    }
  });

  it('files every operation under one tag, which it explains', () => {
    const explained = document.tags?.filter(({ description }) => description).map(({ name }) => name);
    expect(explained).toEqual([
      'Authentication',
      'Users',
      'Categories',
      'Items',
      'Stock',
      'Stock movements',
      'Carts',
      'Daily accounts',
      'Stocktakes',
      'Tasks',
      'Reports',
      'Health',
    ]);
    const loose = operations.filter(({ tags }) => tags.length !== 1 || !explained?.includes(tags[0] ?? ''));
    expect(loose).toEqual([]);
  });

  it('gives every error the form that clients read', () => {
    const forms = operations.flatMap(({ responses }) =>
      Object.entries(responses)
        .filter(([status]) => Number(status) >= 400)
        .map(([status, response]) => `${status === '422' ? '422' : 'other'} ${schemaNameOf(response)}`),
    );
    expect([...new Set(forms)].sort()).toEqual([
      '422 ItemImportErrorResponse',
      '422 ValidationErrorResponse',
      'other CartErrorResponse',
      'other ErrorResponse',
      'other MovementErrorResponse',
      'other StocktakeErrorResponse',
    ]);
  });

  it('asks for an access token everywhere but at the doors', () => {
    expect(document.security).toEqual([{ OAuth2PasswordBearer: [] }]);
    const exceptions = operations.filter(({ security }) => security);
    expect(exceptions.map(({ operationId, security }) => [operationId, security])).toEqual(
      PUBLIC.map((operationId) => [operationId, []]),
    );
  });

  it('shows OAuth2 clients where and how to log in', () => {
    const flows = { password: { tokenUrl: '/api/v1/auth/login', scopes: {} } };
    expect(document.components?.securitySchemes).toEqual({ OAuth2PasswordBearer: { type: 'oauth2', flows } });
    const login = operations.find(({ operationId }) => operationId === 'login');
    expect(Object.keys(login?.requestBody?.content ?? {})).toEqual([
      'application/x-www-form-urlencoded',
      'multipart/form-data',
      'application/json',
    ]);
  });

  it('names an id in a path after what it stands for, as an integer', () => {
    const ids = Object.entries(document.paths).filter(([path]) => !/\{(code|account_date)\}$/.test(path));
    const placeholders = ids.flatMap(([path, item]) =>
      Object.values(item as Record<string, Operation>).map(({ parameters }) => ({
        inPath: [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name),
        parameters: parameters.filter((parameter) => parameter.in === 'path'),
      })),
    );
    for (const { inPath, parameters } of placeholders) {
      const described = inPath.map((name) => ({
        name,
        in: 'path',
        required: true,
        description: expect.any(String) as string,
        schema: { type: 'integer', example: expect.any(Number) as number },
      }));
      expect(parameters).toEqual(described);
    }
    expect(new Set(placeholders.flatMap(({ inPath }) => inPath))).toEqual(
      new Set([
        'session_id',
        'user_id',
        'category_id',
        'import_id',
        'item_id',
        'movement_id',
        'cart_id',
        'cart_item_id',
        'account_id',
        'stocktake_id',
        'task_id',
      ]),
    );
  });

  it('gives every property a type, words, and an example unless the type says it all', () => {
    const properties = Object.entries(schemas).flatMap(([schema, { properties = {} }]) =>
      Object.entries(properties).map(([name, property]) => ({ name: `${schema}.${name}`, ...property })),
    );
    expect(nonEmpty(properties).filter((property) => !property.type && !referenceOf(property))).toEqual([]);
    expect(properties.filter(({ description = '' }) => !/^[A-Z`]/.test(description))).toEqual([]);
    const unclear = properties.filter(
      (property) =>
        property.example === undefined &&
        !property.enum &&
        property.type !== 'boolean' &&
        !referenceOf(property.items ?? property),
    );
    expect(unclear).toEqual([]);
  });

  it('has one schema for a role', () => {
    expect(schemas.Role?.enum).toEqual(['admin', 'market_owner', 'employee']);
    for (const name of ['UserCreate', 'UserUpdate', 'UserResponse']) {
      expect(referenceOf(schemas[name]?.properties?.role ?? {})).toBe('Role');
    }
  });

  it('shows no token, key or hash as an example', () => {
    const examples = examplesIn(document);
    expect(examples).toContain('"Red Apples"');
    expect(
      examples.filter((example) => /[\w+/=-]{32}|\$2[aby]\$|[\w-]+\.[\w-]+\.[\w-]{16}/.test(example)),
    ).toEqual([]);
  });
});

function withSortedKeys(_key: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}

function schemaNameOf({ content }: Response): string {
  const schema = content?.['application/json']?.schema;
  if (schema?.type === 'array') return `${referenceOf(schema.items ?? {})}[]`;
  return schema ? referenceOf(schema) : '';
}

function referenceOf({ $ref, allOf }: Schema): string {
  return ($ref ?? allOf?.[0]?.$ref ?? '').replace('#/components/schemas/', '');
}

/** As JSON, wherever they stand. */
function examplesIn(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) =>
    key === 'example' || key === 'examples' ? [JSON.stringify(inner)] : examplesIn(inner),
  );
}
