import { STATUS_CODES } from 'node:http';
import type { OpenAPIObject } from '@nestjs/swagger';
import { ERROR_CODES, type ErrorCode, generalCodeOf } from '../errors/error-code.js';
import { IDEMPOTENCY_KEY_HEADER } from '../idempotency/idempotency.service.js';
import { exampleOf } from './examples.js';
import { HEADERS, headers, type HeaderName } from './response-headers.js';

type Operation = NonNullable<OpenAPIObject['paths'][string]['get']> & {
  /** Of `@ApiErrors`. */
  'x-error-codes'?: ErrorCode[];
};
type Response = Exclude<NonNullable<Operation['responses'][string]>, { $ref: string }>;
type Content = NonNullable<Response['content']>[string];
type Schema = Exclude<
  NonNullable<NonNullable<OpenAPIObject['components']>['schemas']>[string],
  { $ref: string }
>;

/** Descriptions of properties that many schemas have, for those that have none of their own. */
const COMMON_PROPERTIES: Partial<Record<string, string>> = {
  id: 'The id, as used in paths.',
  category_id: 'The id of its category.',
  item_id: 'The id of the item.',
  item_name: "The item's name.",
  sku: "The item's stock keeping unit.",
  created_by: 'The id of the user who created it.',
  updated_by: 'The id of the user who last changed it.',
  created_at: 'When it was created.',
  updated_at: 'When it was last changed.',
};

/** Adds what applies to the whole API to an OpenAPI document, so that no controller or DTO has to repeat it. */
export function applyConventions(document: OpenAPIObject): OpenAPIObject {
  const components = (document.components ??= {});
  const schemas = (components.schemas ?? {}) as Record<string, Schema>;
  components.headers = HEADERS;
  for (const schema of Object.values(schemas)) {
    if (schema.properties) describeProperties(schema.properties as Record<string, Schema>, schemas);
  }
  const versioned = versionedSchemas(document);
  for (const [path, item] of Object.entries(document.paths)) {
    for (const operation of [item.get, item.post, item.put, item.patch, item.delete]) {
      if (operation) describeOperation(operation, path, schemas, versioned);
    }
  }
  removeUnused(schemas, document);
  return document;
}

/** The schemas of rows that have an ETag: those that a client may have already when it reads them. */
function versionedSchemas({ paths }: OpenAPIObject): Set<string | undefined> {
  const reads = Object.values(paths).flatMap(({ get }) =>
    get?.responses['304'] ? [get.responses['200']] : [],
  );
  return new Set(reads.map((response) => response && schemaNameOf(response as Response)));
}

function schemaNameOf({ content }: Response): string | undefined {
  const schema = content?.['application/json']?.schema;
  return schema && '$ref' in schema ? schema.$ref : undefined;
}

/** What TypeScript's types and comments can't say: ids are integers, times are ISO 8601, and an example may be null. */
function describeProperties(properties: Record<string, Schema>, schemas: Record<string, Schema>): void {
  for (const [name, property] of Object.entries(properties)) {
    if (property.type === 'number' && /(^|_)(id|by)$/.test(name)) property.type = 'integer';
    if (property.type === 'string' && name.endsWith('_at')) property.format = 'date-time';
    if (property.nullable && property.example === undefined) property.example = null;
    // Nest writes it beside the reference to an object that may be null, as it does not beside that to an enum.
    if (property.allOf) delete property.type;
    property.description ??= COMMON_PROPERTIES[name];
    if (property.nullable && property.allOf) writeOut(property, schemas);
  }
}

/**
 * Null is allowed only where `nullable` and `type` stand side by side (OpenAPI 3.0.3), so not beside a reference. */
function writeOut(property: Schema, schemas: Record<string, Schema>): void {
  const [reference] = property.allOf ?? [];
  const name = reference && '$ref' in reference ? reference.$ref.split('/').at(-1) : undefined;
  if (name === undefined) return;
  const { type, properties, required, enum: choices } = schemas[name] ?? {};
  delete property.allOf;
  Object.assign(property, { type, properties, required }, choices && { enum: [...(choices as []), null] });
}

/** Schemas to which nothing refers any more, as they have been written out. */
function removeUnused(schemas: Record<string, Schema>, document: OpenAPIObject): void {
  const text = JSON.stringify(document);
  for (const name of Object.keys(schemas)) {
    if (!text.includes(JSON.stringify(referenceTo(name).$ref))) Reflect.deleteProperty(schemas, name);
  }
}

/** Documents the errors that any operation may return, and the form of every response. */
function describeOperation(
  operation: Operation,
  path: string,
  schemas: Record<string, Schema>,
  versioned: ReturnType<typeof versionedSchemas>,
): void {
  const responses = operation.responses as Record<string, Response>;
  const codes: ErrorCode[] = [...(operation['x-error-codes'] ?? []), 'too_many_requests'];
  delete operation['x-error-codes'];
  const isPublic = operation.security?.some((requirement) => Object.keys(requirement).length === 0);
  if (isPublic) operation.security = [];
  else {
    responses['401'] ??= { description: 'The access token is missing, invalid or expired.' };
    codes.push('not_authenticated', 'invalid_token');
  }

  if (operation.requestBody) {
    responses['408'] ??= { description: 'The request took too long to arrive.' };
    responses['413'] ??= { description: 'The body is too large.' };
    responses['415'] ??= { description: 'The type or the coding of the body is not supported.' };
    if ('content' in operation.requestBody) {
      describeFile(operation.requestBody.content);
      giveExamples(operation.requestBody.content, schemas);
    }
  }
  if (operation.requestBody || operation.parameters?.some((parameter) => !isHeader(parameter))) {
    responses['422'] ??= { description: 'The request is not valid.' };
  }
  responses['405'] ??= {
    description: 'The path does not have this method: `Allow` lists those it has.',
  };
  if (path.startsWith('/api/')) responses['429'] ??= { description: 'Your address sent too many requests.' };
  responses['503'] ??= { description: 'The database is not available right now.' };

  for (const parameter of operation.parameters ?? []) {
    if ('in' in parameter && parameter.in === 'path' && parameter.name.endsWith('_id')) {
      parameter.description ??= `The id of the ${parameter.name.slice(0, -'_id'.length)}.`;
      const example = (parameter.schema as Schema).example as number | undefined;
      parameter.schema = { type: 'integer', example: example ?? 1 };
    }
  }
  if (hasParameter(operation, IDEMPOTENCY_KEY_HEADER)) {
    describeRepetition(responses);
    codes.push('idempotency_key_in_use');
  }
  for (const [status, response] of Object.entries(responses)) {
    response.description ||= STATUS_CODES[status] ?? '';
    if (Number(status) >= 400) describeError(Number(status), response, codes);
    response.headers = headers(...headersOf(operation, status, response, versioned));
    giveExamples(response.content ?? {}, schemas);
  }
}

/** The codes of one status, each once; its general code when there are none. */
function codesOf(status: number, codes: ErrorCode[]): ErrorCode[] {
  const own = codes.filter((code) => ERROR_CODES[code] === status);
  return own.length > 0 ? [...new Set(own)] : [generalCodeOf(status)];
}

function referenceTo(schema: string): { $ref: string } {
  return { $ref: `#/components/schemas/${schema}` };
}

/** What `@Idempotent()` adds to the responses of an operation. */
function describeRepetition(responses: Record<string, Response>): void {
  const { description } = (responses['409'] ??= { description: '' });
  responses['409'].description =
    `${description} With Retry-After: a request with the same Idempotency-Key is still being carried out.`.trim();
}

function describeError(status: number, response: Response, codes: ErrorCode[]): void {
  if (status === 422) {
    response.content ??= { 'application/json': { schema: referenceTo('ValidationErrorResponse') } };
    return;
  }
  response.content ??= { 'application/json': { schema: referenceTo('ErrorResponse') } };
  const choices = codesOf(status, codes);
  const code = { type: 'string', enum: choices };
  for (const content of Object.values(response.content)) {
    content.schema = { allOf: [content.schema ?? {}, { properties: { code } }] };
    content.example ??= { detail: firstSentenceOf(response.description), code: choices[0] };
  }
}

function firstSentenceOf(description: string): string {
  return description.replace(/[.:]( .*)?$/s, '');
}

/** The headers of a response, besides those that every HTTP response has. */
function headersOf(
  operation: Operation,
  status: string,
  response: Response,
  versioned: ReturnType<typeof versionedSchemas>,
): HeaderName[] {
  const { responses } = operation;
  const isRepeatable = hasParameter(operation, IDEMPOTENCY_KEY_HEADER);
  const names: HeaderName[] = ['X-Request-Id'];
  if ((status === '201' && !isList(response)) || status === '202') names.push('Location');
  if (status === '201' && versioned.has(schemaNameOf(response))) names.push('ETag');
  if (status === '200' && (responses['304'] ?? responses['412'])) names.push('ETag');
  if (status === '200' && hasParameter(operation, 'limit')) names.push('Link', 'X-Total-Count');
  if (response.content?.['text/csv']) names.push('Content-Disposition');
  if (status < '300' && isRepeatable) names.push('Idempotency-Replayed');
  if (status === '304') names.push('ETag');
  if (status === '401') names.push('WWW-Authenticate');
  if (status === '405') names.push('Allow');
  if (['429', '503'].includes(status) || (status === '409' && isRepeatable)) names.push('Retry-After');
  return names;
}

/** A file is the body, or a part of a form. Nest's decorators give all types of a body one schema. */
function describeFile(contents: Record<string, Content>): void {
  if (!contents['text/csv'] || !contents['multipart/form-data']) return;
  const file: Schema = { type: 'string', format: 'binary', example: 'items.csv', description: 'The file.' };
  contents['multipart/form-data'].schema = { type: 'object', required: ['file'], properties: { file } };
}

function giveExamples(contents: Record<string, Content>, schemas: Record<string, Schema>): void {
  for (const content of Object.values(contents)) {
    if (content.schema && !content.examples) content.example ??= exampleOf(content.schema, schemas);
  }
}

function isList({ content }: Response): boolean {
  const schema = content?.['application/json']?.schema;
  return schema !== undefined && 'type' in schema && schema.type === 'array';
}

function hasParameter({ parameters = [] }: Operation, name: string): boolean {
  return parameters.some((parameter) => 'name' in parameter && parameter.name === name);
}

function isHeader(parameter: object): boolean {
  return 'in' in parameter && parameter.in === 'header';
}
