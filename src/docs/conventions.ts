import { STATUS_CODES } from 'node:http';
import type { OpenAPIObject } from '@nestjs/swagger';
import { IDEMPOTENCY_KEY } from '../idempotency/idempotency.service.js';

type Operation = NonNullable<OpenAPIObject['paths'][string]['get']>;
type Response = Exclude<NonNullable<Operation['responses'][string]>, { $ref: string }>;
type Schema = Exclude<
  NonNullable<NonNullable<OpenAPIObject['components']>['schemas']>[string],
  { $ref: string }
>;

const RETRY_AFTER = {
  description: 'How many seconds to wait before the next try.',
  schema: { type: 'integer', minimum: 1, example: 5 },
};

const PAGE_HEADERS = {
  Link: {
    description: 'Of a page: where the next one is (RFC 8288). Absent on the last.',
    schema: { type: 'string', example: '</api/v1/items?limit=100&cursor=WyJpdGVtcyJd>; rel="next"' },
  },
  'X-Total-Count': {
    description: 'Of a page: how many there are in all.',
    schema: { type: 'integer', minimum: 0, example: 1234 },
  },
} as const;

const ETAG = {
  description: 'Names this state of what is answered, for If-None-Match and If-Match (RFC 9110).',
  schema: { type: 'string', example: '"2f1c-7-1772348400000"' },
} as const;

const REPLAYED = {
  description: 'That the same request, with its Idempotency-Key, was carried out before, and answered this.',
  schema: { type: 'string', enum: ['true'] },
};

/** Writes into an OpenAPI document what holds for the whole API, so that no controller and no DTO has to repeat it. */
export function applyConventions(document: OpenAPIObject): OpenAPIObject {
  for (const path of Object.values(document.paths)) {
    for (const operation of [path.get, path.post, path.patch, path.delete]) {
      if (operation) describeOperation(operation);
    }
  }
  for (const schema of Object.values(document.components?.schemas ?? {})) {
    if ('properties' in schema) describeProperties(schema.properties as Record<string, Schema>);
  }
  return document;
}

/** What TypeScript's types and comments can't say: ids are integers, times are ISO 8601, and an example may be null. */
function describeProperties(properties: Record<string, Schema>): void {
  for (const [name, property] of Object.entries(properties)) {
    if (property.type === 'number' && /(^|_)(id|by)$/.test(name)) property.type = 'integer';
    if (property.type === 'string' && name.endsWith('_at')) property.format = 'date-time';
    if (property.nullable && property.example === undefined) property.example = null;
    // Nest writes it beside the reference to an object that may be null, as it does not beside that to an enum.
    if (property.allOf) delete property.type;
  }
}

/** When 401, 413, 415, 422 and 503 come, the form of every error, and a word for every success. */
function describeOperation(operation: Operation): void {
  const responses = operation.responses as Record<string, Response>;
  const isPublic = operation.security?.some((requirement) => Object.keys(requirement).length === 0);
  if (isPublic) operation.security = [];
  else responses['401'] ??= { description: 'The access token is missing, invalid or expired.' };

  if (operation.requestBody) {
    responses['413'] ??= { description: 'The body is too large.' };
    responses['415'] ??= { description: 'The content type of the body is not supported.' };
  }
  if (operation.requestBody || operation.parameters?.some((parameter) => !isHeader(parameter))) {
    responses['422'] ??= { description: 'The request is not valid.' };
  }
  responses['503'] ??= { description: 'The database is not available right now.' };
  if (responses['200'] && (responses['304'] ?? responses['412'])) responses['200'].headers = { ETag: ETAG };
  for (const parameter of operation.parameters ?? []) {
    if (!('in' in parameter)) continue;
    if (parameter.name === IDEMPOTENCY_KEY) describeRepetition(responses);
    if (parameter.in === 'path' && parameter.name.endsWith('_id'))
      parameter.schema = { type: 'integer', example: 1 };
    if (parameter.name === 'limit' && responses['200'])
      responses['200'].headers = { ...responses['200'].headers, ...PAGE_HEADERS };
  }
  for (const [status, response] of Object.entries(responses)) {
    response.description ||= STATUS_CODES[status] ?? '';
    if (Number(status) < 400) continue;
    if (status === '429') response.headers = { 'Retry-After': RETRY_AFTER };
    const schema = status === '422' ? 'ValidationErrorResponse' : 'ErrorResponse';
    response.content ??= { 'application/json': { schema: { $ref: `#/components/schemas/${schema}` } } };
  }
}

/** What `@Once()` adds to the answers of an operation, beside what they mean without a key. */
function describeRepetition(responses: Record<string, Response>): void {
  const { description } = (responses['409'] ??= { description: '' });
  responses['409'].description =
    `${description} With Retry-After: a request with the same Idempotency-Key is still being carried out.`.trim();
  responses['409'].headers = { 'Retry-After': RETRY_AFTER };
  for (const [status, response] of Object.entries(responses)) {
    if (Number(status) < 300) response.headers = { ...response.headers, 'Idempotency-Replayed': REPLAYED };
  }
}

function isHeader(parameter: object): boolean {
  return 'in' in parameter && parameter.in === 'header';
}
