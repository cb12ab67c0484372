import { isDeepStrictEqual } from 'node:util';
import type { ApiDocument, Operation } from './api-document.js';
import { type Call, type Caller, textOf, written } from './calls.js';
import { complaintsAbout } from './contract.js';
import { Learned } from './values.js';
import type { Answer, Sent, Wire } from './wire.js';
import { nonEmpty } from '../support/non-empty.js';

const PASSWORD = 'Espresso2Go';
const SHOWN = 300;
/** In characters: what is longer than headers may be is refused before there is a request. */
const MAX_QUERY_LENGTH = 5_000;
/** Answers to a body that can't be read, also where none is expected. */
const UNREADABLE = [413, 415, 422];

let serial = 0;

/** What is behind a program, for as long as a test lasts. */
export interface Surroundings {
  document: ApiDocument;
  wire: Wire;
  /** An access token that no session takes away. */
  rootToken: string;
  metricsToken: string;
  /** Whether a value of that name must never be used. */
  isUntouchable: (name: string, value: unknown) => boolean;
  /** Which statuses every operation has answered with, by its id. */
  seen: Map<string, Set<number>>;
}

/**
 * People who use the API for a while, with rows and tokens of their own. It keeps in mind what the program has told, to use
 * it in later requests, and to hold the program to its word.
 *
 * @throws Error with all requests so far, when an answer isn't what the document and the contract say
 */
export class Session {
  private readonly sent: string[] = [];
  private readonly told = new Map<string, unknown[]>();
  private readonly tokens = new Map<Caller, string>();
  /** What was last told of a row, by its address. */
  private readonly rows = new Map<string, unknown>();
  private readonly deleted = new Set<string>();
  private readonly made: string[] = [];
  private readonly creators = new Set<string>();

  constructor(private readonly around: Surroundings) {}

  /** Three accounts, and one row of everything that the document's own examples can create. */
  async begin(): Promise<void> {
    this.tokens.set('supervisor', this.around.metricsToken);
    for (const role of ['admin', 'market_owner', 'employee'] as const) {
      const username = `fuzzer_${++serial}`;
      const account = { username, email: `${username}@shop.example`, password: PASSWORD, role };
      await this.post('/api/v1/users/register', account, this.around.rootToken);
      const { text } = await this.post('/api/v1/auth/login', { username, password: PASSWORD });
      this.tokens.set(role, (JSON.parse(text) as { access_token: string }).access_token);
    }
    const creators = this.around.document.operations.filter(
      ({ method, path, responses }) => method === 'POST' && responses['201'] && !path.includes('{'),
    );
    // Those that need an id of another come after it.
    for (const creator of nonEmpty(creators).flatMap(() => creators)) await this.createFromExample(creator);
    await this.moveStock();
  }

  /** Sends a request, and reads again what it was about. */
  async make(call: Call): Promise<void> {
    const { operation, method = operation.method, isPathRaw, query } = call;
    const path = this.pathOf(call);
    const search = query.map(([name, made]) => `${encoded(name)}=${encoded(this.recall(made))}`).join('&');
    const headers: Record<string, string> = { ...call.headers };
    const authorization = this.authorizationOf(call);
    if (authorization !== undefined) headers.Authorization = authorization;
    if (call.body) headers['Content-Type'] = call.body.type;
    const value = this.recall(call.body?.value);
    const body = call.body && written(call.body, value);
    const address = search ? `${path}?${search.slice(0, MAX_QUERY_LENGTH)}` : path;
    const sent = { method, path: address, headers, body };

    const isAsDocumented = method === operation.method && !isPathRaw;
    const { status, ...answer } = await this.send(operation, sent, isAsDocumented);
    if (!isAsDocumented) {
      // It may have been another operation's request after all.
      if (status < 300) this.rows.clear();
      return;
    }
    if (status < 300) this.learn(operation, path, value, { status, ...answer });
    if (method !== 'GET' && authorization !== undefined) {
      await this.readAgain(operation, path, authorization, status);
    }
  }

  /** Takes away what was made, so that lists stay short. */
  async end(): Promise<void> {
    for (const path of this.made.reverse()) {
      const remover = this.operationAt('DELETE', path);
      if (remover && !this.deleted.has(path)) {
        await this.send(remover, { method: 'DELETE', path, headers: bearer(this.around.rootToken) }, true);
      }
    }
  }

  private async createFromExample(creator: Operation): Promise<void> {
    const { document } = this.around;
    if (this.creators.has(creator.operationId)) return;
    const [content] = Object.values(creator.requestBody?.content ?? {});
    const { properties = {}, required = [] } = document.resolve(content?.schema ?? {});
    if (required.some((name) => name.endsWith('_id') && !this.told.has(name))) return;
    const fields = required.map((name) => {
      const { example, type, format } = document.resolve(properties[name] ?? {});
      const isPlainText = type === 'string' && !format;
      if (name.endsWith('_id')) return [name, this.lastTold(name, 0)];
      return [name, isPlainText ? `${String(example)}_${++serial}` : example];
    });
    await this.post(creator.path, Object.fromEntries(fields) as object, this.tokens.get('admin'));
  }

  /** One movement of each kind: made-up ones seldom have fields that go together, and enough in stock. */
  private async moveStock(): Promise<void> {
    const item_id = this.lastTold('item_id', 0);
    const token = this.tokens.get('admin');
    const delivery = { delta: 1, reason: 'delivery' };
    const { text } = await this.post(`/api/v1/stock/${String(item_id)}/movements`, delivery, token);
    const { id } = JSON.parse(text) as { id: number };
    await this.post('/api/v1/stock/movements/batch', { movements: [{ item_id, ...delivery }] }, token);
    await this.post(`/api/v1/stock/movements/${id}/reverse`, {}, token);
  }

  private async post(path: string, body: object, token?: string): Promise<Answer> {
    const operation = this.operationAt('POST', path);
    if (!operation) throw new Error(`The document has no POST ${path}`);
    const headers = { 'Content-Type': 'application/json', ...(token && bearer(token)) };
    const answer = await this.send(
      operation,
      { method: 'POST', path, headers, body: JSON.stringify(body) },
      true,
    );
    if (answer.status < 300) this.learn(operation, path, body, answer);
    return answer;
  }

  private async send(operation: Operation, sent: Sent, isAsDocumented: boolean): Promise<Answer> {
    this.sent.push(shownRequest(sent));
    const answer = await this.around.wire.send(sent).catch((error: unknown) => {
      this.complain(`no answer: ${String(error)}`);
    });
    this.sent.push(`  ${answer.status} ${answer.text.slice(0, SHOWN)}`);
    const { document, seen } = this.around;
    for (const complaint of complaintsAbout(answer, sent, document)) this.complain(complaint);
    if (!isAsDocumented) return answer;

    const isBodyUnexpected = sent.body !== undefined && !operation.requestBody;
    const isTolerated = isBodyUnexpected && UNREADABLE.includes(answer.status);
    if (!operation.responses[answer.status] && !isTolerated)
      this.complain(`${answer.status} is not documented`);
    const misfit = isTolerated ? undefined : document.misfit(operation, answer.status, bodyOf(answer));
    if (misfit) this.complain(`the answer doesn't fit its schema: ${misfit}`);
    const statuses = seen.get(operation.operationId) ?? new Set();
    seen.set(operation.operationId, statuses.add(answer.status));
    return answer;
  }

  private complain(complaint: string): never {
    throw new Error(`${complaint}\n${this.sent.join('\n')}`);
  }

  /** What was written is what is read, what was deleted is gone, and what was refused has changed nothing. */
  private async readAgain(
    { path: template }: Operation,
    path: string,
    authorization: string,
    status: number,
  ): Promise<void> {
    const reader = this.operationAt('GET', path);
    if (reader?.path !== template) return;
    const sent = { method: 'GET', path, headers: { Authorization: authorization } };
    const answer = await this.send(reader, sent, true);
    if (answer.status === 200 && this.deleted.has(path)) this.complain('it was deleted, and is there');
    const known = this.rows.get(path);
    if (known === undefined) return;
    if (answer.status === 404) this.complain(`it was there, and is gone after a ${status}`);
    if (answer.status === 200 && !isDeepStrictEqual(bodyOf(answer), known)) {
      this.complain(`it is not what was told before: ${JSON.stringify(known)}`);
    }
  }

  private learn(operation: Operation, path: string, request: unknown, answer: Answer): void {
    const row = this.around.document.rowOf(operation);
    const body = bodyOf(answer);
    const idName = row?.parameter ?? this.around.document.idNameOf(operation);
    for (const told of Array.isArray(body) ? body.slice(0, 5) : [body]) this.tellAll(told, idName);
    this.tellAll(request, undefined);
    if (operation.method === 'GET') return;

    // It may have changed other rows, too; what it has told of its own is sure.
    this.rows.clear();
    if (operation.method === 'DELETE') this.deleted.add(path);
    if (operation.method === 'PATCH') this.rows.set(path, body);
    if (answer.status === 201 && row && !Array.isArray(body)) {
      const { [row.parameter]: named, id } = body as Record<string, unknown>;
      const address = row.path.replace(`{${row.parameter}}`, String(named ?? id));
      this.deleted.delete(address);
      this.rows.set(address, body);
      this.made.push(address);
      this.creators.add(operation.operationId);
    }
  }

  /** @param idName what paths call the row's `id` */
  private tellAll(row: unknown, idName: string | undefined): void {
    if (typeof row !== 'object' || row === null) return;
    for (const [field, value] of Object.entries(row)) {
      const name = field === 'id' ? idName : field;
      if (!name || this.around.isUntouchable(name, value)) continue;
      this.tell(name, value);
      // What an item calls its barcode is the code that a till scans.
      if (name === 'barcode' && value !== null) this.tell('code', value);
    }
  }

  private tell(name: string, value: unknown): void {
    this.told.set(name, [...(this.told.get(name) ?? []), value].slice(-20));
  }

  /** The value, with what was told in place of what is to be learned. */
  private recall(value: unknown): unknown {
    if (value instanceof Learned) return this.lastTold(value.name, value.index) ?? value.otherwise;
    if (Array.isArray(value)) return value.map((entry) => this.recall(entry));
    if (typeof value !== 'object' || value === null) return value;
    const own = Object.getOwnPropertyDescriptors(value);
    for (const descriptor of Object.values(own)) descriptor.value = this.recall(descriptor.value);
    return Object.defineProperties({}, own);
  }

  /** `old_password` and `new_password` are passwords as well. */
  private lastTold(name: string, index: number): unknown {
    const values = this.told.get(name);
    if (values) return values.at(-1 - (index % values.length));
    const [, rest] = /^[a-z]+_(.+)$/.exec(name) ?? [];
    return rest === undefined ? undefined : this.lastTold(rest, index);
  }

  private pathOf({ operation, path, isPathRaw }: Call): string {
    return operation.path.replace(/\{(\w+)\}/g, (_, name: string) => {
      const value = this.recall(path[name]);
      const text = this.around.isUntouchable(name, value) ? '0' : textOf(value) || ' ';
      return isPathRaw ? text.toWellFormed().replace(/[^!-~]/gu, encodeURIComponent) : encoded(text);
    });
  }

  private authorizationOf({ caller, garbage }: Call): string | undefined {
    if (caller === 'nobody') return undefined;
    if (caller === 'garbage') return garbage;
    return `Bearer ${String(this.tokens.get(caller) ?? this.lastTold('access_token', 0))}`;
  }

  private operationAt(method: string, path: string): Operation | undefined {
    const found = this.around.document.operations.filter(
      (operation) =>
        operation.method === method &&
        new RegExp(`^${operation.path.replace(/\{\w+\}/g, '[^/]+')}$`).test(path),
    );
    return found.find((operation) => operation.path === path) ?? found[0];
  }
}

function bearer(token: string): { Authorization: string } {
  return { Authorization: `Bearer ${token}` };
}

function encoded(value: unknown): string {
  return encodeURIComponent(textOf(value).toWellFormed());
}

function bodyOf({ headers, text }: Answer): unknown {
  if (text === '') return undefined;
  return headers['content-type']?.startsWith('text/plain') ? text : JSON.parse(text);
}

function shownRequest({ method, path, headers, body = '' }: Sent): string {
  const lines = [
    `${method} ${path}`,
    ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
    body,
  ];
  return lines.map((line) => line.toString().slice(0, SHOWN)).join('\n    ');
}
