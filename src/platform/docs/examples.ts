import type { OpenAPIObject } from '@nestjs/swagger';
import type { Unscaled } from '../validation/decimal.js';

type SchemaOrReference = NonNullable<NonNullable<OpenAPIObject['components']>['schemas']>[string];
type Schemas = Record<string, SchemaOrReference>;

/** A value of this schema, made of the examples of its properties. Properties that may be missing are left out. */
export function exampleOf(schema: SchemaOrReference, schemas: Schemas): unknown {
  if ('$ref' in schema) return exampleOf(schemas[schema.$ref.split('/').at(-1) ?? ''] ?? {}, schemas);
  if (schema.example !== undefined) return schema.example as unknown;
  if (schema.enum) return (schema.enum as unknown[])[0];
  if (schema.items) return [exampleOf(schema.items, schemas)];
  if (schema.allOf) return exampleOf(schema.allOf[0] ?? {}, schemas);
  if (schema.type === 'boolean') return true;
  if (!schema.properties) return undefined;
  const required = Object.entries(schema.properties).filter(([name]) => schema.required?.includes(name));
  return Object.fromEntries(required.map(([name, property]) => [name, exampleOf(property, schemas)]));
}

/** Bodies that Swagger UI offers for a request, the first one at once. A test sends that one. */
export type Examples<Body> = Record<string, { summary: string; value: Unscaled<Body> }>;
