import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { OpenAPIObject } from '@nestjs/swagger';
import { Validator } from '@seriousme/openapi-schema-validator';
import { Program } from './support/program.js';

const SNAPSHOT = fileURLToPath(new URL('./openapi.snapshot.json', import.meta.url));

/** What an operation can answer with: the one success and its schema, then the errors, of which 503 is everyone's. */
const ANSWERS = {
  login: '200 LoginResponse, 400, 401, 413, 415, 422, 429',
  refresh: '200 AccessTokenResponse, 401, 413, 415, 422',
  logout: '204, 401, 413, 415, 422',
  logoutEverywhere: '204, 401',
  changePassword: '200 LoginResponse, 400, 401, 413, 415, 422, 429',
  getProfile: '200 UserResponse, 401',
  listSessions: '200 SessionResponse[], 401',
  deleteSession: '204, 401, 404, 422',

  registerUser: '201 UserResponse, 401, 403, 409, 413, 415, 422',
  listUsers: '200 UserResponse[], 304, 401, 403, 422',
  getUser: '200 UserResponse, 304, 401, 403, 404, 422',
  updateUser: '200 UserResponse, 400, 401, 403, 404, 409, 412, 413, 415, 422',
  deleteUser: '204, 400, 401, 403, 404, 409, 412, 422',

  createCategory: '201 CategoryResponse, 401, 409, 413, 415, 422',
  listCategories: '200 CategoryResponse[], 304, 401, 422',
  getCategory: '200 CategoryResponse, 304, 401, 404, 422',
  updateCategory: '200 CategoryResponse, 400, 401, 404, 409, 412, 413, 415, 422',
  deleteCategory: '204, 400, 401, 404, 409, 412, 422',

  createItem: '201 ItemResponse, 401, 404, 409, 413, 415, 422',
  listItems: '200 ItemResponse[], 304, 401, 422',
  searchItems: '200 ItemResponse[], 304, 401, 422',
  scanItem: '200 ScannedItemResponse, 401, 404, 409, 422',
  getItem: '200 ItemResponse, 304, 401, 404, 422',
  updateItem: '200 ItemResponse, 400, 401, 404, 409, 412, 413, 415, 422',
  deleteItem: '204, 400, 401, 404, 412, 422',

  addStock: '201 StockEntryResponse, 401, 404, 409, 413, 415, 422',
  listStock: '200 StockEntryResponse[], 304, 401, 422',
  listStockByCategory: '200 CategoryStockResponse[], 304, 401, 422',
  listLowStock: '200 LowStockResponse[], 304, 401',
  getStock: '200 StockEntryResponse, 304, 401, 404, 422',
  updateStock: '200 StockEntryResponse, 400, 401, 404, 409, 412, 413, 415, 422',
  removeStock: '204, 400, 401, 404, 412, 422',
  recordMovement: '201 MovementResponse, 401, 404, 409, 413, 415, 422',
  recordMovements: '201 MovementResponse[], 401, 404, 409, 413, 415, 422',
  listMovements: '200 MovementResponse[], 304, 401, 422',
  listMovementsOfItem: '200 MovementResponse[], 304, 401, 404, 422',
  getMovement: '200 MovementResponse, 304, 401, 404, 422',
  reverseMovement: '201 MovementResponse, 401, 404, 409, 422',
  verifyLedger: '200 LedgerVerificationResponse, 401, 403, 422',

  checkLiveness: '200 HealthResponse',
  checkReadiness: '200 HealthResponse',
  scrapeMetrics: '200, 401, 404',
};
const PUBLIC = ['login', 'refresh', 'checkLiveness', 'checkReadiness', 'scrapeMetrics'];

/** The parts of OpenAPI that the document makes use of. */
interface Schema {
  $ref?: string;
  type?: string;
  enum?: unknown[];
  items?: Schema;
  allOf?: Schema[];
  example?: unknown;
  properties?: Record<string, Schema>;
}
interface Response {
  description: string;
  content?: Record<string, { schema: Schema }>;
}
interface Operation {
  operationId: string;
  summary: string;
  tags: string[];
  parameters: { name: string; in: string; schema: Schema }[];
  requestBody?: { content: Record<string, unknown> };
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
    folder = await mkdtemp(join(tmpdir(), 'stock-tracker-'));
    const program = new Program(folder);
    document = (await (await fetch(new URL('/openapi.json', await program.ready))).json()) as OpenAPIObject;
    operations = Object.values(document.paths).flatMap((path) => Object.values(path));
    schemas = document.components?.schemas as Record<string, Schema>;
    await program.end();
  });

  afterAll(async () => {
    await Program.endAll();
    await rm(folder, { recursive: true });
  });

  it('is the committed one (if it is meant to change: UPDATE_SNAPSHOT=1 npm test, and commit)', async () => {
    const text = `${JSON.stringify(document, withSortedKeys, 2)}\n`;
    if (process.env.UPDATE_SNAPSHOT) await writeFile(SNAPSHOT, text);
    expect(text).toBe(await readFile(SNAPSHOT, 'utf8'));
  });

  it('is valid OpenAPI', async () => {
    expect(await new Validator().validate({ ...document })).toEqual({ valid: true });
  });

  it('names every operation once, and what it can answer with', () => {
    expect(operations.map(({ operationId }) => operationId).sort()).toEqual(Object.keys(ANSWERS).sort());
    const answers = operations.map(({ operationId, responses }) => [operationId, answersOf(responses)]);
    expect(Object.fromEntries(answers)).toEqual(ANSWERS);
    expect(operations.filter(({ responses }) => !responses['503'])).toEqual([]);
  });

  it('says in words what every operation does and what every answer means', () => {
    for (const { operationId, summary, responses } of operations) {
      const words = [summary, ...Object.values(responses).map(({ description }) => description)];
      const missing = words.filter((sentence) => !/^[A-Z]/.test(sentence));
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
      '422 ValidationErrorResponse',
      'other ErrorResponse',
      'other MovementErrorResponse',
    ]);
  });

  it('asks for an access token everywhere but at the doors', () => {
    expect(document.security).toEqual([{ OAuth2PasswordBearer: [] }]);
    const exceptions = operations.filter(({ security }) => security);
    expect(exceptions.map(({ operationId, security }) => [operationId, security])).toEqual(
      PUBLIC.map((operationId) => [operationId, []]),
    );
  });

  it('tells OAuth2 clients where and how to log in', () => {
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
    const ids = Object.entries(document.paths).filter(([path]) => !path.endsWith('/{code}'));
    const placeholders = ids.flatMap(([path, item]) =>
      Object.values(item as Record<string, Operation>).map(({ parameters }) => ({
        inPath: /\{(.+)\}/.exec(path)?.[1],
        parameters: parameters.filter((parameter) => parameter.in === 'path'),
      })),
    );
    for (const { inPath, parameters } of placeholders) {
      const described = { name: inPath, in: 'path', required: true, schema: { type: 'integer', example: 1 } };
      expect(parameters).toEqual(inPath ? [described] : []);
    }
    expect(new Set(placeholders.map(({ inPath }) => inPath))).toEqual(
      new Set([undefined, 'session_id', 'user_id', 'category_id', 'item_id', 'movement_id']),
    );
  });

  it('gives every property a type, and an example unless the type says it all', () => {
    const properties = Object.entries(schemas).flatMap(([schema, { properties = {} }]) =>
      Object.entries(properties).map(([name, property]) => ({ name: `${schema}.${name}`, ...property })),
    );
    expect(properties.filter((property) => !property.type && !referenceOf(property))).toEqual([]);
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

function answersOf(responses: Record<string, Response>): string {
  return Object.entries(responses)
    .filter(([status]) => status !== '503')
    .map(([status, response]) =>
      Number(status) < 400 ? `${status} ${schemaNameOf(response)}`.trim() : status,
    )
    .join(', ');
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
