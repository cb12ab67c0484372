import type { OpenAPIObject } from '@nestjs/swagger';

type Header = Exclude<
  NonNullable<NonNullable<OpenAPIObject['components']>['headers']>[string],
  { $ref: string }
>;

/** The headers of answers that clients can make use of. */
export const HEADERS = {
  'X-Request-Id': {
    description: 'By which the request is found in the log: your own, where you sent a sane one.',
    schema: { type: 'string', example: 'till-7.4711' },
  },
  ETag: {
    description: 'Names this state of what is answered, for If-None-Match and If-Match (RFC 9110).',
    schema: { type: 'string', example: '"2f1c-7-1772348400000"' },
  },
  Location: {
    description: 'Where the new row is (RFC 9110, section 10.2.2).',
    schema: { type: 'string', format: 'uri-reference', example: '/api/v1/items/33' },
  },
  Link: {
    description: 'Of a page: where the next one is (RFC 8288). Absent on the last.',
    schema: { type: 'string', example: '</api/v1/items?limit=100&cursor=WyJpdGVtcyJd>; rel="next"' },
  },
  'X-Total-Count': {
    description: 'Of a page: how many there are in all.',
    schema: { type: 'integer', minimum: 0, example: 1234 },
  },
  'Idempotency-Replayed': {
    description:
      'That the same request, with its Idempotency-Key, was carried out before, and answered this.',
    schema: { type: 'string', enum: ['true'], example: 'true' },
  },
  'Retry-After': {
    description: 'How many seconds to wait before the next try.',
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
