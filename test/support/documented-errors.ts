import { readFileSync } from 'node:fs';
import type { Response } from 'supertest';
import { generalCodeOf } from '../../src/platform/errors/error-code.js';

interface Document {
  paths: Record<string, Record<string, { responses: Record<string, DocumentedResponse> }>>;
}
interface DocumentedResponse {
  content?: Record<string, { schema: { allOf?: { properties?: { code?: { enum?: string[] } } }[] } }>;
}

const { paths } = JSON.parse(
  readFileSync(new URL('../openapi.snapshot.json', import.meta.url), 'utf8'),
) as Document;
/** `/stock/low` comes before `/stock/{item_id}`, which fits it, too. */
const templates = Object.keys(paths)
  .sort((a, b) => a.split('{').length - b.split('{').length)
  .map((path) => ({ path, pattern: new RegExp(`^${path.replace(/\{\w+\}/g, '[^/]+')}/?$`) }));

/**
 * Whether an error has the contract's form, with a code that the API's document names for this operation and status, or else
 * the status' general code.
 *
 * @throws Error that says what is wrong
 */
export function assertDocumentedError(method: string, url: string, { status, text }: Response): void {
  if (status < 400 || status === 422) return;
  const { detail, code } = JSON.parse(text) as { detail?: unknown; code?: unknown };
  const codes = codesOf(method, url, status);
  if (typeof detail === 'string' && codes.includes(code as string)) return;
  throw new Error(`${method} ${url} is ${status} ${text}, with a code that is none of: ${codes.join(', ')}`);
}

function codesOf(method: string, url: string, status: number): string[] {
  const path = url.split('?')[0] ?? '';
  const template = templates.find(({ pattern }) => pattern.test(path))?.path ?? '';
  const response = paths[template]?.[method]?.responses[status];
  const parts = response?.content?.['application/json']?.schema.allOf ?? [];
  return parts
    .flatMap(({ properties }) => properties?.code?.enum ?? [])
    .concat(response ? [] : generalCodeOf(status));
}
