import type { ApiDocument } from './api-document.js';
import type { WireResponse, WireRequest } from './wire.js';

const SANE_REQUEST_ID = /^[\w.:+/=-]{1,128}$/;
/** Shorter ones stand in sentences by chance. */
const MIN_ECHO_LENGTH = 8;

/** Returns how a response violates the rules that hold for every address. */
export function violationsIn(
  { status, headers, text }: WireResponse,
  sent: WireRequest,
  document: ApiDocument,
): string[] {
  const violations: string[] = [];
  const expect = (holds: boolean, violation: string) => {
    if (!holds) violations.push(violation);
  };
  const given = sent.headers['X-Request-Id'] ?? '';
  expect(status < 500, `a ${status}`);
  expect(Boolean(headers['x-request-id']), 'no X-Request-Id');
  expect(
    !SANE_REQUEST_ID.test(given) || headers['x-request-id'] === given,
    'not the X-Request-Id that was sent',
  );
  expect(headers['x-content-type-options'] === 'nosniff', 'no X-Content-Type-Options: nosniff');
  expect(headers['x-powered-by'] === undefined, 'an X-Powered-By');
  expect(
    status !== 401 || headers['www-authenticate'] === 'Bearer',
    'a 401 without WWW-Authenticate: Bearer',
  );
  expect(
    ![429, 503].includes(status) || Number(headers['retry-after']) >= 1,
    `a ${status} without Retry-After`,
  );
  if (status < 400 || sent.method === 'HEAD') return violations;

  const { detail, code } = errorIn(text);
  expect(/^application\/json\b/.test(headers['content-type'] ?? ''), `a ${status} that is no JSON`);
  expect(isErrorForm(status, detail, code), `a ${status} in another form than the contract's`);
  const said = JSON.stringify(detail ?? text);
  for (const secret of textsIn(sent)) {
    const isOwn = secret.length < MIN_ECHO_LENGTH || document.text.includes(secret);
    expect(
      isOwn || !said.includes(JSON.stringify(secret).slice(1, -1)),
      `an error that echoes ${secret.slice(0, 60)}`,
    );
  }
  return violations;
}

function errorIn(text: string): { detail?: unknown; code?: unknown } {
  try {
    return JSON.parse(text) as object;
  } catch {
    return {};
  }
}

/** One sentence and a code, which the document has to name; for a 422 a list of what is wrong where, in FastAPI's form. */
function isErrorForm(status: number, detail: unknown, code: unknown): boolean {
  if (status !== 422) return typeof detail === 'string' && detail !== '' && typeof code === 'string';
  const isIssue = ({ type, loc, msg }: Record<string, unknown>) =>
    typeof type === 'string' &&
    Array.isArray(loc) &&
    /^(body|query|path|header)$/.test(String(loc[0])) &&
    typeof msg === 'string';
  return Array.isArray(detail) && detail.length > 0 && detail.every(isIssue);
}

/** Texts that the client has chosen: values in the address, in the body and in the Authorization header. */
function textsIn({ path, headers, body = '' }: WireRequest): string[] {
  const [address = '', search = ''] = path.split('?');
  const parts = address.split('/').map(decoded);
  return [
    ...parts,
    ...new URLSearchParams(search).values(),
    headers.Authorization ?? '',
    ...valuesIn(body.toString()),
  ];
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

function valuesIn(body: string): string[] {
  try {
    return stringsIn(JSON.parse(body));
  } catch {
    return [...new URLSearchParams(body).values()];
  }
}

function stringsIn(value: unknown): string[] {
  if (typeof value === 'number') return [String(value)];
  if (typeof value === 'string') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(stringsIn) : [];
}
