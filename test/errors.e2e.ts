import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { type IncomingHttpHeaders, type IncomingMessage, request } from 'node:http';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { Role } from '../src/platform/authorization/role.js';
import { BODY_LIMIT } from '../src/platform/http/body-parsers.js';
import { createItem } from './support/catalogue.js';
import type { Client } from './support/client.js';
import {
  MISSING,
  NO_INTEGER_IN_STRING,
  NO_JSON,
  NO_OBJECT,
  NO_STRING,
  NO_TEXT,
  refusal,
  tooLong,
  tooShort,
} from './support/issues.js';
import { RawConnection } from './support/raw-connection.js';
import { ADMIN, Shop } from './support/shop.js';

const UNKNOWN_ADDRESS = { detail: 'There is nothing at this address', code: 'not_found' };
const UNSUPPORTED = { detail: 'Unsupported Media Type', code: 'unsupported_media_type' };
const TOO_LARGE = { detail: 'Request body is too large', code: 'payload_too_large' };
const NOT_UNDERSTOOD = { detail: 'The request could not be understood', code: 'bad_request' };
const BROKEN_FORM = { detail: 'The form could not be read', code: 'bad_request' };
const NOT_AUTHENTICATED = { detail: 'Not authenticated', code: 'not_authenticated' };
const ALLOWED_ORIGIN = 'http://localhost:3000';
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

const PAGE = 'GET, HEAD, OPTIONS';
const { paths } = JSON.parse(readFileSync(new URL('./openapi.snapshot.json', import.meta.url), 'utf8')) as {
  paths: Record<string, object>;
};

function listOf(header = ''): string[] {
  return header.split(', ').sort();
}

/** A multipart form, as it stands in a body. */
function form(boundary: string, parts: { name: string; value: string; filename?: string }[]): string {
  const written = parts.map(({ name, value, filename }) => {
    const file = filename ? `; filename="${filename}"\r\nContent-Type: application/octet-stream` : '';
    return `--${boundary}\r\nContent-Disposition: form-data; name="${name}"${file}\r\n\r\n${value}\r\n`;
  });
  return `${written.join('')}--${boundary}--\r\n`;
}

describe('Errors', () => {
  let shop: Shop;
  let employee: Client;
  let everything: object;

  beforeAll(async () => {
    shop = await Shop.open();
    employee = shop.as(Role.Employee);
    await createItem(employee, { name: 'Unharmed' });
    everything = await contents();
  });

  // Nothing in this file is a request that changes something.
  afterEach(async () => {
    const before = everything;
    everything = await contents();
    expect(everything).toEqual(before);
  });

  afterAll(() => shop.close());

  async function contents(): Promise<object> {
    const admin = shop.as(Role.Admin);
    const lists = ['/users?include_deleted=true', '/categories', '/items', '/stock'];
    const answers = await Promise.all(lists.map((list) => admin.get(list).expect(200)));
    return answers.map(({ body }) => body as object);
  }

  const post = (path: string, type: string, body: string | Buffer, client = employee) =>
    client
      .post(path)
      .set('Content-Type', type)
      .serialize((sent: unknown) => sent as string)
      .send(body as string);

  /** Sends bytes that no HTTP client would, and returns what comes back until the connection is closed. */
  function sendRaw(bytes: string): Promise<{ head: string; body: string }> {
    return new Promise((resolve, reject) => {
      const { hostname, port } = new URL(shop.url);
      const socket = connect(Number(port), hostname, () => socket.write(bytes));
      let answer = '';
      socket.on('data', (chunk) => (answer += chunk.toString()));
      socket.on('error', reject);
      socket.on('close', () => {
        const [head = '', body = ''] = answer.split('\r\n\r\n');
        resolve({ head, body });
      });
    });
  }

  /** Sends any method, as nobody. */
  async function sendAs(
    method: string,
    path: string,
    sent?: string,
  ): Promise<{ status?: number; headers: IncomingHttpHeaders; body: string }> {
    const outgoing = request(new URL(path, shop.url), { method, agent: false }).end(sent);
    const [response] = (await once(outgoing, 'response')) as [IncomingMessage];
    return { status: response.statusCode, headers: response.headers, body: await text(response) };
  }

  describe('a JSON body', () => {
    it.each([
      ['cut off', '{"name":'],
      ['in single quotes', "{'name': 'Dairy'}"],
      ['with a comma too many', '{"name": "Dairy",}'],
      ['with a comment', '{"name": "Dairy"} // the fridge'],
      ['twice', '{"name": "Dairy"}{"name": "Dairy"}'],
      ['NaN', 'NaN'],
      ['a bare word', 'Dairy'],
      ['spaces', '   '],
      ['with a raw NUL character', '{"name": "Da\0iry"}'],
      ['nested in 100,000 lists', '['.repeat(100_000) + ']'.repeat(100_000)],
      ['nested in 25,000 objects', `${'{"name":'.repeat(25_000)}1${'}'.repeat(25_000)}`],
      ['opened 100,000 times', '['.repeat(100_000)],
    ])('that is unreadable is 422: %s', async (_, json) => {
      const { body } = await post('/categories', 'application/json', json).expect(422);
      expect(body).toEqual(refusal(NO_JSON, 'body'));
    });

    it('that is not UTF-8 is 422', async () => {
      const latin1 = Buffer.from('{"name": "Cr\u00e8me"}', 'latin1');
      const { body } = await post('/categories', 'application/json', latin1).expect(422);
      expect(body).toEqual(refusal(NO_JSON, 'body'));
    });

    it.each([
      ['null', 'null', MISSING],
      ['nothing', '', MISSING],
      ['a list', '[{"name": "Dairy"}]', NO_OBJECT],
      ['an empty list', '[]', NO_OBJECT],
      ['a string', '"Dairy"', NO_OBJECT],
      ['a number', '0', NO_OBJECT],
      ['false', 'false', NO_OBJECT],
    ])('that is no object is 422: %s', async (_, json, issue) => {
      for (const path of ['/categories', '/items', '/stock']) {
        const { body } = await post(path, 'application/json', json).expect(422);
        expect(body).toEqual(refusal(issue, 'body'));
      }
      const login = await post('/auth/login', 'application/json', json, shop.anonymous).expect(422);
      expect(login.body).toEqual(refusal(issue, 'body'));
    });

    it('that is missing is 422, without a content type as well', async () => {
      const { body } = await employee.post('/categories').expect(422);
      expect(body).toEqual(refusal(MISSING, 'body'));
      const category = await employee.patch('/categories/1').expect(422);
      expect(category.body).toEqual(refusal(MISSING, 'body'));
    });

    it.each([
      ['__proto__', '{"__proto__": {"name": "Dairy"}}'],
      ['__proto__ in escapes', '{"\\u005f_proto__": {"name": "Dairy"}}'],
      ['constructor', '{"constructor": {"prototype": {"name": "Dairy"}}}'],
      ['methods of objects', '{"hasOwnProperty": 1, "toString": 1, "valueOf": 1, "toJSON": 1, "then": 1}'],
    ])('has no names from %s', async (_, json) => {
      const { body } = await post('/categories', 'application/json', json).expect(422);
      expect(body).toEqual(refusal(MISSING, 'body', 'name'));
      expect(({} as Record<string, unknown>).name).toBeUndefined();
    });

    it('is not looked for on a DELETE that declares one', async () => {
      const { body } = await employee
        .delete('/categories/0')
        .set('Content-Type', 'application/json')
        .expect(404);
      expect(body).toEqual({ detail: 'Category not found', code: 'category_not_found' });
    });
  });

  describe('text in a body', () => {
    it.each([
      ['a NUL character', 'Dai\\u0000ry', NO_TEXT],
      ['the first half of a pair', 'Dai\\ud83ery', NO_TEXT],
      ['the second half of a pair', 'Dai\\udd55ry', NO_TEXT],
      ['halves in the wrong order', '\\udd55\\ud83e', NO_TEXT],
      ['200,000 characters', 'x'.repeat(200_000), tooLong(100)],
    ])('is 422 when it has %s', async (_, name, issue) => {
      const { body } = await post('/categories', 'application/json', `{"name": "${name}"}`).expect(422);
      expect(body).toEqual(refusal(issue, 'body', 'name'));
    });
  });

  describe('another content type', () => {
    it.each([
      'text/plain',
      'text/html',
      'application/xml',
      'text/xml; charset=utf-8',
      'application/octet-stream',
      'application/vnd.api+json',
      'application/jsonp',
      'application/x-www-form-urlencoded',
      'multipart/form-data; boundary=limit',
      'nonsense',
    ])('is 415: %s', async (type) => {
      for (const client of [employee, shop.anonymous]) {
        for (const path of ['/categories', '/auth/refresh']) {
          const { body } = await post(path, type, '{"name": "Dairy"}', client).expect(415);
          expect(body).toEqual(UNSUPPORTED);
        }
      }
    });

    it.each(['gzip', 'br', 'identity, gzip'])('is 415 when it is compressed: %s', async (coding) => {
      const { body, headers } = await shop.anonymous
        .post('/auth/refresh')
        .set('Content-Encoding', coding)
        .send('{}')
        .expect(415);
      expect(body).toEqual({ ...UNSUPPORTED, detail: 'Compressed bodies are not accepted' });
      expect(headers['accept-encoding']).toBe('identity');
    });

    it('may say that it is not compressed', async () => {
      await employee.post('/categories', {}).set('Content-Encoding', 'identity').expect(422);
      await employee.delete('/categories/0').set('Content-Encoding', 'gzip').expect(404);
    });

    it.each(['application/x-www-form-urlencoded', 'multipart/form-data', 'text/plain'])(
      'does not matter on a GET: %s',
      async (type) => {
        await employee.get('/categories').set('Content-Type', type).expect(200);
      },
    );

    describe.each([
      'text/plain',
      'nonsense',
      'application/json',
      'application/xml; charset=utf-8',
      'application/x-www-form-urlencoded',
      'multipart/form-data; boundary=limit',
    ])('does not matter without a body: %s', (type) => {
      it.each([
        ['no length', ''],
        ['a length of 0', 'Content-Length: 0\r\n'],
        ['another length of 0', 'Content-Length: 00\r\n'],
        ['no chunk', 'Transfer-Encoding: chunked\r\n'],
      ])('with %s', async (_, framing) => {
        const end = framing.startsWith('Transfer') ? '0\r\n\r\n' : '';
        const head =
          `Host: shop.example\r\nAuthorization: Bearer ${employee.accessToken}\r\n` +
          `Content-Type: ${type}\r\n${framing}Connection: close\r\n\r\n${end}`;
        const deleted = await sendRaw(`DELETE /api/v1/categories/0 HTTP/1.1\r\n${head}`);
        expect(JSON.parse(deleted.body)).toMatchObject({ code: 'category_not_found' });
        const reversed = await sendRaw(`POST /api/v1/stock/movements/0/reverse HTTP/1.1\r\n${head}`);
        expect(JSON.parse(reversed.body)).toMatchObject({ code: 'movement_not_found' });
        const posted = await sendRaw(`POST /api/v1/categories HTTP/1.1\r\n${head}`);
        expect(JSON.parse(posted.body)).toEqual(refusal(MISSING, 'body'));
      });
    });

    it.each(['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=limit', ''])(
      'is 415 when a body comes in chunks: %j',
      async (type) => {
        const { head, body } = await sendRaw(
          `POST /api/v1/categories HTTP/1.1\r\nHost: shop.example\r\n${type && `Content-Type: ${type}\r\n`}` +
            'Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n1\r\nx\r\n0\r\n\r\n',
        );
        expect(head).toMatch(/^HTTP\/1\.1 415 /);
        expect(JSON.parse(body)).toEqual(UNSUPPORTED);
      },
    );

    it.each(['application/json; charset=utf-8', 'APPLICATION/JSON', 'application/json;charset=UTF-8'])(
      'is no other one: %s',
      async (type) => {
        const { body } = await post('/categories', type, '{"name": ""}').expect(422);
        expect(body).toEqual(refusal(tooShort(1), 'body', 'name'));
      },
    );
  });

  describe('a large body', () => {
    const MEGABYTES = 5_000_000;

    it.each([
      ['JSON of 5 MB', '/categories', 'application/json', `{"name": "${'x'.repeat(MEGABYTES)}"}`],
      ['JSON just above the limit', '/categories', 'application/json', `"${'x'.repeat(BODY_LIMIT - 1)}"`],
      [
        'a form of 5 MB',
        '/auth/login',
        'application/x-www-form-urlencoded',
        `username=${'x'.repeat(MEGABYTES)}`,
      ],
      [
        'a form just above the limit',
        '/auth/login',
        'application/x-www-form-urlencoded',
        'x'.repeat(BODY_LIMIT + 1),
      ],
      [
        'a multipart form of 5 MB',
        '/auth/login',
        'multipart/form-data; boundary=limit',
        form('limit', [{ name: 'username', value: 'x'.repeat(MEGABYTES) }]),
      ],
    ])('is 413, logged in or not: %s', async (_, path, type, sent) => {
      for (const client of [employee, shop.anonymous]) {
        const { body } = await post(path, type, sent, client).expect(413);
        expect(body).toEqual(TOO_LARGE);
      }
    });

    it('is 413 when it comes in chunks', async () => {
      const chunk = `${(100_000).toString(16)}\r\n${' '.repeat(100_000)}\r\n`;
      const { head, body } = await sendRaw(
        'POST /api/v1/categories HTTP/1.1\r\nHost: shop.example\r\nContent-Type: application/json\r\n' +
          `Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n${chunk.repeat(3)}0\r\n\r\n`,
      );
      expect(head).toMatch(/^HTTP\/1\.1 413 /);
      expect(JSON.parse(body)).toEqual(TOO_LARGE);
    });

    it('is read up to the limit', async () => {
      const { body } = await post(
        '/categories',
        'application/json',
        `"${'x'.repeat(BODY_LIMIT - 2)}"`,
      ).expect(422);
      expect(body).toEqual(refusal(NO_OBJECT, 'body'));
    });
  });

  describe('a form at login', () => {
    const credentials = [
      { name: 'username', value: ADMIN.username },
      { name: 'password', value: ADMIN.password },
    ];
    const submit = (type: string, sent: string) => post('/auth/login', type, sent, shop.anonymous);

    it.each([
      ['without a boundary', 'multipart/form-data', form('limit', credentials)],
      [
        'with another boundary than it says',
        'multipart/form-data; boundary=other',
        form('limit', credentials),
      ],
      ['that ends early', 'multipart/form-data; boundary=limit', form('limit', credentials).slice(0, -12)],
      ['that is no form', 'multipart/form-data; boundary=limit', 'username=admin'],
      [
        'with a field named __proto__',
        'multipart/form-data; boundary=limit',
        form('limit', [{ name: '__proto__', value: 'x' }, ...credentials]),
      ],
    ])('%s is 400', async (_, type, sent) => {
      expect((await submit(type, sent).expect(400)).body).toEqual(BROKEN_FORM);
    });

    it.each([
      ['a file beside its fields', [...credentials, { name: 'photo', value: 'x', filename: 'me.png' }]],
      ['a file for a field', [{ name: 'username', value: 'admin', filename: 'me.txt' }]],
      ['a hundred fields', Array.from({ length: 100 }, (_, index) => ({ name: `f${index}`, value: 'x' }))],
    ])('with %s is 413', async (_, parts) => {
      const { body } = await submit('multipart/form-data; boundary=limit', form('limit', parts)).expect(413);
      expect(body).toEqual({ detail: 'The form has too many parts, or a file', code: 'payload_too_large' });
    });

    it.each([
      ['multipart/form-data; boundary=limit', ''],
      ['multipart/form-data; boundary=limit', form('limit', [])],
      ['application/x-www-form-urlencoded', ''],
      ['application/x-www-form-urlencoded', '&&==&'],
      ['application/json', '{}'],
    ])('of type %s with nothing in it is 422 (%j)', async (type, sent) => {
      const { body } = await submit(type, sent).expect(422);
      expect(body).toEqual({
        detail: [
          { ...MISSING, loc: ['body', 'username'] },
          { ...MISSING, loc: ['body', 'password'] },
        ],
      });
    });

    it('with broken percent-encoding names nobody', async () => {
      const sent = 'username=%ZZ&password=%E0%A4%A';
      const { body } = await submit('application/x-www-form-urlencoded', sent).expect(401);
      expect(body).toEqual({ detail: 'Incorrect username or password', code: 'invalid_credentials' });
    });
  });

  describe('what was sent', () => {
    it('is not echoed', async () => {
      const secret = 'hunter2-secret';
      const answers = [
        await shop
          .as(Role.Admin)
          .post('/users/register', { username: secret, email: secret, password: secret, role: secret }),
        await employee.post('/items', {
          name: [secret],
          category_id: secret,
          unit_price: secret,
          [secret]: secret,
        }),
        await employee.post('/categories', [secret]),
        await shop.anonymous.post('/auth/login', { username: { secret }, password: [secret] }),
        await post('/categories', 'application/json', `{"name": "${secret}`),
        await employee.get(`/items?category_id=${secret}`),
        await employee.get(`/items/${secret}`),
      ];
      expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 422));
      for (const { text } of answers) expect(text).not.toContain(secret);
      expect((await employee.get(`/${secret}?q=${secret}`).expect(404)).text).not.toContain(secret);
    });
  });

  describe('an address', () => {
    it.each([
      ['get', '/nothing'],
      ['get', '/'],
      ['get', '/categories/1/items'],
      ['get', '/../../health'],
      ['post', '/categories/1/2'],
    ] as const)('that leads nowhere is 404, logged in or not: %s %s', async (method, path) => {
      for (const client of [employee, shop.anonymous]) {
        const { body } = await client[method](path, { name: 'Dairy' }).expect(404);
        expect(body).toEqual(UNKNOWN_ADDRESS);
      }
    });

    it.each([
      ['POST', '/api/v1/categories/1', 'GET, HEAD, PATCH, DELETE, OPTIONS'],
      ['PATCH', '/api/v1/categories/', 'GET, HEAD, POST, OPTIONS'],
      ['DELETE', '/api/v1/items?q=1', 'GET, HEAD, POST, OPTIONS'],
      ['GET', '/api/v1/auth/login', 'POST, OPTIONS'],
      ['HEAD', '/api/v1/auth/login/', 'POST, OPTIONS'],
      ['TRACE', '/api/v1/auth/login', 'POST, OPTIONS'],
      ['PUT', '/api/v1/items/abc', 'GET, HEAD, PATCH, DELETE, OPTIONS'],
      ['POST', '/', 'GET, HEAD, OPTIONS'],
      ...['/docs', '/docs/', '/redoc', '/openapi.json', '/openapi.yaml/'].map((path) => ['POST', path, PAGE]),
      ...['/health/live', '/health/ready/', '/metrics'].map((path) => ['DELETE', path, PAGE]),
    ] as [string, string, string][])(
      'that has no such method is 405 with Allow: %s %s',
      async (method, path, allowed) => {
        const { status, headers, body } = await sendAs(method, path);
        expect([status, listOf(headers.allow)]).toEqual([405, listOf(allowed)]);
        expect(body).toBe(
          method === 'HEAD'
            ? ''
            : JSON.stringify({
                detail: `This address takes ${headers.allow} only`,
                code: 'method_not_allowed',
              }),
        );
      },
    );

    it.each(Object.entries(paths))(
      'of the document is 405 for a method that it has not, with and without a slash: %s',
      async (path, operations) => {
        const address = path.replace(/\{\w+\}/g, '1');
        const absent = 'put' in operations ? 'PATCH' : 'PUT';
        for (const url of [address, `${address}/`]) {
          const { status, headers } = await sendAs(absent, url, '{');
          expect([url, status]).toEqual([url, 405]);
          expect(listOf(headers.allow)).toEqual(
            expect.arrayContaining([
              'OPTIONS',
              ...Object.keys(operations).map((method) => method.toUpperCase()),
            ]),
          );
        }
      },
    );

    it('says in answer to OPTIONS what it takes, and 404 where there is nothing', async () => {
      const { status, headers } = await sendAs('OPTIONS', '/api/v1/stock/1/movements');
      expect([status, listOf(headers.allow)]).toEqual([204, ['GET', 'HEAD', 'OPTIONS', 'POST']]);
      const nowhere = await sendAs('OPTIONS', '/api/v1/nothing');
      expect([nowhere.status, JSON.parse(nowhere.body)]).toEqual([404, UNKNOWN_ADDRESS]);
    });

    it('that leads nowhere is 404 whatever the body', async () => {
      for (const [type, sent] of [
        ['application/json', '{'],
        ['text/plain', 'Dairy'],
        ['application/x-www-form-urlencoded', 'a=b'],
        ['multipart/form-data', 'a=b'],
      ] as const) {
        expect((await post('/nothing', type, sent).expect(404)).body).toEqual(UNKNOWN_ADDRESS);
      }
    });

    it.each(['/categories/%', '/categories/%ZZ', '/categories/%E0%A4%A', '/%', '/items/search/%FF'])(
      'with broken percent-encoding is 400: %s',
      async (path) => {
        for (const client of [employee, shop.anonymous]) {
          const { body, headers } = await client.get(path).expect(400);
          expect(body).toEqual(NOT_UNDERSTOOD);
          expect(headers['x-request-id']).toMatch(UUID);
        }
      },
    );

    it.each(['/categories', '/items', '/stock'])('with an id of 10,000 letters is 422: %s', async (path) => {
      const { body } = await employee.get(`${path}/${'a'.repeat(10_000)}`).expect(422);
      expect(body).toMatchObject({
        detail: [{ ...NO_INTEGER_IN_STRING, loc: ['path', expect.any(String)] }],
      });
    });

    it('that is longer than a request may be is 431', async () => {
      const { body, headers } = await employee.get(`/items/search?q=${'a'.repeat(20_000)}`).expect(431);
      expect(body).toEqual({
        detail: 'The address or the headers are too long',
        code: 'request_header_fields_too_large',
      });
      expect(headers['x-request-id']).toMatch(UUID);
    });

    it.each(['%', '%ZZ', '%ED%A0%80', '%FF', '%25', '+', '&', '&q', ';', '[]=', '%00%'])(
      'with the odd query q=%s is answered, not failed',
      async (q) => {
        const { status } = await employee.get(`/items/search?q=x${q}`);
        expect([200, 422]).toContain(status);
      },
    );

    it('with the query __proto__ has no other names for it', async () => {
      const { body } = await employee.get('/items/search?__proto__[q]=a&constructor=b').expect(422);
      expect(body).toEqual(refusal(MISSING, 'query', 'q'));
    });
  });

  describe('what is no HTTP', () => {
    it.each([
      ['nonsense', 'NONSENSE\r\n\r\n'],
      [
        'a length that is no number',
        'POST /api/v1/categories HTTP/1.1\r\nHost: x\r\nContent-Length: ten\r\n\r\n',
      ],
      [
        'two lengths',
        'POST /api/v1/categories HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}',
      ],
    ])('is 400: %s', async (_, bytes) => {
      const { head, body } = await sendRaw(bytes);
      expect(head).toMatch(/^HTTP\/1\.1 400 /);
      expect(head).toMatch(/^x-request-id: [0-9a-f-]{36}$/m);
      expect(JSON.parse(body)).toEqual(NOT_UNDERSTOOD);
    });
  });

  describe('a Host header', () => {
    const NO_HOST = { detail: 'The request needs one valid Host header', code: 'bad_request' };

    it.each([
      ['twice', 'Host: shop.example\r\nHost: shop.example\r\n'],
      ['twice, with other letters and other headers between', 'host: a\r\nAccept: */*\r\nHOST: b\r\n'],
      ['never', ''],
      ['with a space', 'Host: shop example\r\n'],
      ['with a path', 'Host: shop.example/admin\r\n'],
      ['with a user', 'Host: root@shop.example\r\n'],
      ['with two names', 'Host: shop.example, evil.example\r\n'],
      ['with a port that is none', 'Host: shop.example:http\r\n'],
      ['with half an address', 'Host: [::1\r\n'],
    ])('%s is 400, and ends the connection', async (_, headers) => {
      for (const path of ['/health/live', '/api/v1/categories', '/nothing', '/docs']) {
        const { head, body } = await sendRaw(`GET ${path} HTTP/1.1\r\n${headers}\r\n`);
        expect(head).toMatch(/^HTTP\/1\.1 400 /);
        expect(head).toMatch(/^connection: close$/im);
        expect(head).toMatch(/^x-request-id: [0-9a-f-]{36}$/m);
        expect(JSON.parse(body)).toEqual(NO_HOST);
      }
    });

    it.each(['', 'shop.example', 'SHOP_1.example:8000', '127.0.0.1:', '[::1]:8000', 'm%C3%BCller.example'])(
      'such as %j is taken',
      async (host) => {
        const { head } = await sendRaw(
          `GET /health/live HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`,
        );
        expect(head).toMatch(/^HTTP\/1\.1 200 /);
      },
    );

    it('is not needed in HTTP/1.0', async () => {
      const { head } = await sendRaw('GET /health/live HTTP/1.0\r\n\r\n');
      expect(head).toMatch(/^HTTP\/1\.1 200 /);
    });

    it('is looked at in every request of a connection, of which none follows a bad one', async () => {
      const connection = await RawConnection.to(shop.url);
      const good = 'GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n';
      const bad = 'GET /health/live HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n';
      connection.send(good + bad + good);
      await connection.closed;
      expect(connection.statuses).toEqual([200, 400]);
    });
  });

  it('an Expect header that nobody knows is 417', async () => {
    const { head, body } = await sendRaw(
      `GET /health/live HTTP/1.1\r\nHost: shop.example\r\nExpect: 200-ok\r\nConnection: close\r\n\r\n`,
    );
    expect(head).toContain('HTTP/1.1 417 ');
    expect(head).toMatch(/^x-content-type-options: nosniff$/im);
    expect(head).toMatch(/^x-request-id: [\w-]{36}$/im);
    expect(head).toMatch(/^content-type: application\/json/im);
    expect(body).toContain(
      '{"detail":"The Expect header takes 100-continue only","code":"expectation_failed"}',
    );
  });

  describe('the checks of a request', () => {
    const broken = '{"name":';
    const wrong = '{"name": ""}';

    it('begin with the body, before who sends it', async () => {
      const anonymous = shop.anonymous;
      expect((await post('/categories', 'application/json', broken, anonymous).expect(422)).body).toEqual(
        refusal(NO_JSON, 'body'),
      );
      expect((await post('/categories', 'text/plain', broken, anonymous).expect(415)).body).toEqual(
        UNSUPPORTED,
      );
    });

    it('go on with who sends it, before what is in the body and path', async () => {
      for (const response of [
        await post('/categories', 'application/json', wrong, shop.anonymous).expect(401),
        await shop.anonymous.post('/categories').expect(401),
        await shop.anonymous.get('/categories/abc').expect(401),
        await shop.anonymous.get('/categories/0').expect(401),
        await shop.anonymous.get('/items/search').expect(401),
      ]) {
        expect(response.body).toEqual(NOT_AUTHENTICATED);
        expect(response.headers['www-authenticate']).toBe('Bearer');
      }
    });

    it("then with the sender's role", async () => {
      const { body } = await employee.post('/users/register', { username: '' }).expect(403);
      expect(body).toEqual({ detail: 'Your role does not allow this', code: 'forbidden' });
      await employee.patch('/users/abc', { email: 1 }).expect(403);
      await employee.get('/users?include_deleted=maybe').expect(403);
    });

    it('then with what is in the request, before what is in the database', async () => {
      const { body } = await employee.patch('/categories/0', { name: 5 }).expect(422);
      expect(body).toEqual(refusal(NO_STRING, 'body', 'name'));
      await employee.patch('/categories/abc', { name: 'Dairy' }).expect(422);
      await employee.post('/items', { category_id: 0, name: '', unit_price: 1 }).expect(422);
      await employee.post('/stock', { item_id: 0, quantity: -1 }).expect(422);
      await shop.as(Role.MarketOwner).patch('/users/0', { role: 'king' }).expect(422);
    });

    it('then with what is there, before what clashes', async () => {
      const [item] = (await employee.get('/items').expect(200)).body;
      const sent = { category_id: 0, name: 'Homeless', unit_price: 1, sku: item.sku };
      expect((await employee.post('/items', sent).expect(404)).body).toEqual({
        detail: 'Category not found',
        code: 'category_not_found',
      });
      expect((await employee.patch('/items/0', { category_id: 0 }).expect(404)).body).toEqual({
        detail: 'Item not found',
        code: 'item_not_found',
      });
    });
  });
});

describe('Every answer', () => {
  let shop: Shop;
  let employee: Client;

  beforeAll(async () => {
    shop = await Shop.open({ ALLOWED_ORIGINS: `["${ALLOWED_ORIGIN}"]` });
    employee = shop.as(Role.Employee);
  });

  afterAll(() => shop.close());

  const requests: [number, (client: Client) => ReturnType<Client['get']>][] = [
    [200, () => employee.get('/categories')],
    [400, () => employee.get('/%')],
    [401, () => shop.anonymous.get('/categories')],
    [403, () => employee.get('/users')],
    [404, () => employee.get('/categories/0')],
    [404, () => employee.get('/nothing')],
    [413, () => employee.post('/categories', { name: 'x'.repeat(BODY_LIMIT) })],
    [415, () => employee.post('/categories').type('text/plain').send('x')],
    [422, () => employee.post('/categories').type('json').send('{')],
    [422, () => employee.post('/categories', {})],
  ];

  it.each(requests)('has the request id that was sent, or a new one (%i)', async (status, send) => {
    const response = await send(employee).set('X-Request-Id', 'web-42/abc:1.2_3').expect(status);
    expect(response.headers['x-request-id']).toBe('web-42/abc:1.2_3');
    const [one, other] = [await send(employee).expect(status), await send(employee).expect(status)];
    expect(one.headers['x-request-id']).toMatch(UUID);
    expect(other.headers['x-request-id']).toMatch(UUID);
    expect(one.headers['x-request-id']).not.toBe(other.headers['x-request-id']);
  });

  it.each([
    ['empty', ''],
    ['with spaces', 'two words'],
    ['with markup', '<script>'],
    ['with quotes', '"id"'],
    ['with letters beyond ASCII', 'caf\u00e9'],
    ['with a tab', 'a\tb'],
    ['of 200 characters', 'x'.repeat(200)],
  ])('has a new request id instead of one that is %s', async (_, id) => {
    const { headers } = await employee.get('/categories').set('X-Request-Id', id).expect(200);
    expect(headers['x-request-id']).toMatch(UUID);
  });

  it.each(requests)('does not say what the program is made of (%i)', async (status, send) => {
    const { headers } = await send(employee).expect(status);
    expect(headers).not.toHaveProperty('x-powered-by');
    expect(headers).not.toHaveProperty('server');
  });

  it.each(requests)('is JSON (%i)', async (status, send) => {
    const { headers } = await send(employee).expect(status);
    expect(headers['content-type']).toMatch(/^application\/json(;|$)/);
  });

  describe('to a browser', () => {
    const preflight = (origin: string) =>
      fetch(`${shop.url}/api/v1/categories/1`, {
        method: 'OPTIONS',
        headers: {
          Origin: origin,
          'Access-Control-Request-Method': 'PATCH',
          'Access-Control-Request-Headers': 'authorization,content-type,x-request-id',
        },
      });

    it('lets an allowed origin send what clients send', async () => {
      const { status, headers } = await preflight(ALLOWED_ORIGIN);
      expect(status).toBe(204);
      expect(headers.get('access-control-allow-origin')).toBe(ALLOWED_ORIGIN);
      expect(headers.get('access-control-allow-methods')?.split(/,\s*/)).toEqual(
        expect.arrayContaining(['GET', 'POST', 'PUT', 'PATCH', 'DELETE']),
      );
      expect(headers.get('access-control-allow-headers')?.toLowerCase().split(/,\s*/)).toEqual(
        expect.arrayContaining(['authorization', 'content-type']),
      );
      expect(headers.get('vary')).toMatch(/\bOrigin\b/);
      expect(headers.get('x-request-id')).toMatch(UUID);
    });

    it.each([
      'http://evil.example',
      'http://localhost:3001',
      'https://localhost:3000',
      'null',
      'http://localhost:3000.evil.example',
    ])('does not allow the origin %s', async (origin) => {
      const answer = await preflight(origin);
      expect(answer.status).toBe(204);
      expect(answer.headers.has('access-control-allow-origin')).toBe(false);
      const { headers } = await employee.get('/categories').set('Origin', origin).expect(200);
      expect(headers).not.toHaveProperty('access-control-allow-origin');
      expect(headers.vary).toMatch(/\bOrigin\b/);
    });

    it.each(requests.filter(([status]) => status !== 400))(
      'lets a page of an allowed origin read it, its request id included (%i)',
      async (status, send) => {
        const { headers } = await send(employee).set('Origin', ALLOWED_ORIGIN).expect(status);
        expect(headers['access-control-allow-origin']).toBe(ALLOWED_ORIGIN);
        expect(headers['access-control-expose-headers']).toMatch(/X-Request-Id/i);
      },
    );

    it('to an OPTIONS that is no preflight is no error', async () => {
      const { status, headers } = await fetch(`${shop.url}/api/v1/categories`, { method: 'OPTIONS' });
      expect(status).toBe(204);
      expect(headers.get('x-request-id')).toMatch(UUID);
    });
  });
});
