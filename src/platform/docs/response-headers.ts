import type { OpenAPIObject } from '@nestjs/swagger';

type Header = Exclude<
  NonNullable<NonNullable<OpenAPIObject['components']>['headers']>[string],
  { $ref: string }
>;

/** The response headers that clients can use. */
export const HEADERS = {
  'X-Request-Id': {
    description: 'Finds the request in the log. It is your own if you sent a valid one.',
    schema: { type: 'string', example: 'till-7.4711' },
  },
  ETag: {
    description: 'Identifies this version of the resource, for If-None-Match and If-Match (RFC 9110).',
    schema: { type: 'string', example: '"2f1c-7-1772348400000"' },
  },
  Location: {
    description: 'Where the new row is (RFC 9110, section 10.2.2).',
    schema: { type: 'string', format: 'uri-reference', example: '/api/v1/items/33' },
  },
  'Content-Disposition': {
    description: 'For CSV: that it is a file, and its name (RFC 6266).',
    schema: { type: 'string', example: 'attachment; filename="items-2026-03-01.csv"' },
  },
  Link: {
    description: 'For a page: the address of the next one (RFC 8288). Absent on the last page.',
    schema: { type: 'string', example: '</api/v1/items?limit=100&cursor=WyJpdGVtcyJd>; rel="next"' },
  },
  'X-Total-Count': {
    description: 'For a page: how many rows there are in total.',
    schema: { type: 'integer', minimum: 0, example: 1234 },
  },
  'Idempotency-Replayed': {
    description:
      'The same request was already carried out with this Idempotency-Key: this is its response again.',
    schema: { type: 'string', enum: ['true'], example: 'true' },
  },
  'Retry-After': {
    description: 'How many seconds to wait before the next attempt.',
    schema: { type: 'integer', minimum: 1, example: 5 },
  },
  'WWW-Authenticate': {
    description: 'How to authenticate: with an access token (RFC 6750).',
    schema: { type: 'string', enum: ['Bearer'], example: 'Bearer' },
  },
  Allow: {
    description: 'The methods that the path has (RFC 9110, section 10.2.1).',
    schema: { type: 'string', example: 'GET, HEAD, POST' },
  },
} satisfies Record<string, Header>;

export type HeaderName = keyof typeof HEADERS;

/** References to these headers, for a response. */
export function headers(...names: HeaderName[]): Record<string, { $ref: string }> {
  return Object.fromEntries(names.map((name) => [name, { $ref: `#/components/headers/${name}` }]));
}
