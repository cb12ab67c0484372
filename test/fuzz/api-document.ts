import { Ajv, type ValidateFunction } from 'ajv';
import addFormats from 'ajv-formats';
import { nonEmpty } from '../support/non-empty.js';
import type { WireResponse } from './wire.js';

/** What this project's document uses of OpenAPI 3.0's schemas (https://spec.openapis.org/oas/v3.0.3#schema-object). */
export interface Schema {
  $ref?: string;
  allOf?: Schema[];
  anyOf?: Schema[];
  oneOf?: Schema[];
  type?: string;
  format?: string;
  nullable?: boolean;
  enum?: unknown[];
  pattern?: string;
  minLength?: number;
  maxLength?: number;
  minimum?: number;
  maximum?: number;
  minItems?: number;
  maxItems?: number;
  items?: Schema;
  properties?: Record<string, Schema>;
  required?: string[];
  example?: unknown;
}

interface Parameter {
  name: string;
  in: string;
  required?: boolean;
  schema: Schema;
}

export interface Operation {
  operationId: string;
  method: string;
  path: string;
  parameters: Parameter[];
  requestBody?: { content: Record<string, { schema: Schema }> };
  responses: Record<string, { content?: Record<string, { schema: Schema }> }>;
}

interface OpenApi {
  paths: Record<string, Record<string, Omit<Operation, 'method' | 'path'>>>;
  components: { schemas: Record<string, Schema> };
}

/** The OpenAPI document of a running program. It validates responses. */
export class ApiDocument {
  readonly operations: Operation[];
  /** The whole document, to distinguish its words from a client's. */
  readonly text: string;
  private readonly ajv = new Ajv({ strict: false, allErrors: true });
  private readonly validators = new Map<string, ValidateFunction>();

  private constructor(private readonly document: OpenApi) {
    this.text = JSON.stringify(document);
    this.operations = nonEmpty(Object.entries(document.paths)).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, operation]) => ({
        ...operation,
        parameters: operation.parameters,
        method: method.toUpperCase(),
        path,
      })),
    );
    addFormats.default(this.ajv);
    this.ajv.addSchema(forValidation(document) as object, 'api');
  }

  static async of(origin: string): Promise<ApiDocument> {
    const response = await fetch(`${origin}/openapi.json`);
    return new ApiDocument((await response.json()) as OpenApi);
  }

  /** A schema in one piece: references resolved, `allOf` merged. */
  resolve(schema: Schema): Schema {
    const { $ref, allOf, ...own } = schema;
    const parts = [...($ref ? [this.resolveReference($ref)] : []), ...(allOf ?? [])];
    if (parts.length === 0) return schema;
    return Object.assign({}, ...parts.map((part) => this.resolve(part)), own) as Schema;
  }

  /** The address of one of the rows that an operation lists or creates: `/items/{item_id}` for `POST /items`. */
  rowOf({ path }: Operation): { path: string; parameter: string } | undefined {
    const collections = [path, path.slice(0, path.lastIndexOf('/'))];
    for (const operation of this.operations) {
      const [, collection = '', parameter = ''] = /^(.*)\/\{(\w+)\}$/.exec(operation.path) ?? [];
      if (collections.includes(collection)) return { path: operation.path, parameter };
    }
    return undefined;
  }

  /** What paths call the `id` of what an operation returns: `movement_id` for `/stock/{item_id}/movements`. */
  idNameOf({ path }: Operation): string | undefined {
    const names = path.split('/').map((part) => `${part.replace(/s$/, '')}_id`);
    return names.findLast((name) =>
      this.operations.some((operation) => operation.path.includes(`{${name}}`)),
    );
  }

  /**
   * Returns how the body of a response differs from the schema of its media type; undefined when it matches.
   *
   * @param body parsed
   */
  schemaError(
    { path, method, responses }: Operation,
    { status, headers }: Pick<WireResponse, 'status' | 'headers'>,
    body: unknown,
  ): string | undefined {
    const content = responses[status]?.content;
    if (!content) return body === undefined ? undefined : 'a body where none is documented';
    const [type = ''] = (headers['content-type'] ?? '').split(';');
    if (!(type in content)) return `${type} where ${Object.keys(content).join(' or ')} is documented`;
    const place = ['paths', path, method.toLowerCase(), 'responses', String(status), 'content'];
    const pointer = [...place, type, 'schema'].map(escapedForPointer).join('/');
    const validate = this.validators.get(pointer) ?? this.ajv.compile({ $ref: `api#/${pointer}` });
    this.validators.set(pointer, validate);
    return validate(body) ? undefined : this.ajv.errorsText(validate.errors);
  }

  private resolveReference($ref: string): Schema {
    return this.document.components.schemas[$ref.replace('#/components/schemas/', '')] ?? {};
  }
}

/**
 * The document as JSON schema. Objects are closed, so that a field which isn't documented is an error: it may be one that
 * was never meant to leave.
 */
function forValidation(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(forValidation);
  const schema = Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, forValidation(inner)]));
  if (schema.type === 'object' && schema.properties) schema.additionalProperties ??= false;
  if (schema.nullable !== true || schema.type) return schema;
  return { anyOf: [{ ...schema, nullable: undefined }, { type: 'null' }] };
}

/** RFC 6901, in a URI fragment. */
function escapedForPointer(part: string): string {
  return encodeURIComponent(part.replaceAll('~', '~0').replaceAll('/', '~1'));
}
