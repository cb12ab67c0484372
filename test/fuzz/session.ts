import { isDeepStrictEqual } from 'node:util';
import type { ApiDocument, Operation } from './api-document.js';
import { type Call, type Principal, textOf, encodeBody } from './calls.js';
import { violationsIn } from './contract.js';
import { KnownValue } from './values.js';
import type { WireResponse, WireRequest, Wire } from './wire.js';
import { checkDigitOf } from '../../src/items/gtin.js';
import { nonEmpty } from '../support/non-empty.js';

const PASSWORD = 'Espresso2Go';
const SHOWN = 300;
/** In characters: what is longer than headers may be is refused before there is a request. */
const MAX_QUERY_LENGTH = 5_000;
/** Responses to a body that can't be read, also where none is expected. */
const UNREADABLE = [413, 415, 422];

let serial = 0;

/** The program under test, and what is known of it. */
export interface Target {
  document: ApiDocument;
  wire: Wire;
  /** An access token that no session revokes. */
  rootToken: string;
  metricsToken: string;
  /** Whether a value of that name must never be used. */
  isUntouchable: (name: string, value: unknown) => boolean;
  /** The statuses of the responses so far, by the id of the operation. */
  seen: Map<string, Set<number>>;
}

/**
 * A series of requests by users, with rows and tokens of their own. It remembers values from requests and responses, uses them in
 * later requests, and compares later responses with them.
 *
 * @throws Error with all requests so far, when a response violates the document or the contract
 */
export class Session {
  private readonly sent: string[] = [];
  private readonly known = new Map<string, unknown[]>();
  private readonly tokens = new Map<Principal, string>();
  /** The latest state of a row, by its address. */
  private readonly rows = new Map<string, unknown>();
  private readonly deleted = new Set<string>();
  private readonly created: string[] = [];
  private readonly creators = new Set<string>();

  constructor(private readonly target: Target) {}

  /** Three accounts, and one row of everything that the document's own examples can create. */
  async begin(): Promise<void> {
    this.tokens.set('supervisor', this.target.metricsToken);
    for (const role of ['admin', 'market_owner', 'employee'] as const) {
      const username = `fuzzer_${++serial}`;
      const account = { username, email: `${username}@shop.example`, password: PASSWORD, role };
      await this.post('/api/v1/users/register', account, this.target.rootToken);
      const { text } = await this.post('/api/v1/auth/login', { username, password: PASSWORD });
      this.tokens.set(role, (JSON.parse(text) as { access_token: string }).access_token);
    }
    const creators = this.target.document.operations.filter(
      ({ method, path, responses }) => method === 'POST' && responses['201'] && !path.includes('{'),
    );
    // Those that need an id of another come after it.
    for (const creator of nonEmpty(creators).flatMap(() => creators)) await this.createFromExample(creator);
    await this.moveStock();
    await this.sell();
    await this.countStock();
    await this.useTheRest();
    if (!this.target.seen.get('getItemImport')?.has(200)) await this.importMany();
  }

  /** Sends a generated request, and reads the resource again afterwards. */
  async perform(call: Call): Promise<void> {
    const { operation, method = operation.method, isPathRaw, query } = call;
    const path = this.pathOf(call);
    const search = query.map(([name, value]) => `${encoded(name)}=${encoded(this.recall(value))}`).join('&');
    const headers: Record<string, string> = { ...call.headers };
    const authorization = this.authorizationOf(call);
    if (authorization !== undefined) headers.Authorization = authorization;
    if (call.body) headers['Content-Type'] = call.body.type;
    const value = this.recall(call.body?.value);
    const body = call.body && encodeBody(call.body, value);
    const address = search ? `${path}?${search.slice(0, MAX_QUERY_LENGTH)}` : path;
    const sent = { method, path: address, headers, body };

    const isAsDocumented = method === operation.method && !isPathRaw;
    const { status, ...response } = await this.send(operation, sent, isAsDocumented);
    if (!isAsDocumented) {
      // It may have been another operation's request after all.
      if (status < 300) this.rows.clear();
      return;
    }
    if (status < 300) this.rememberResponse(operation, path, value, { status, ...response });
    if (method !== 'GET' && authorization !== undefined) {
      await this.readAgain(operation, path, authorization, status);
    }
  }

  /** Deletes the rows of this session, so that lists stay short. */
  async end(): Promise<void> {
    for (const path of this.created.reverse()) {
      const remover = this.operationAt('DELETE', path);
      if (remover && !this.deleted.has(path)) {
        await this.send(remover, { method: 'DELETE', path, headers: bearer(this.target.rootToken) }, true);
      }
    }
  }

  private async createFromExample(creator: Operation): Promise<void> {
    const { document } = this.target;
    if (this.creators.has(creator.operationId)) return;
    const [content] = Object.values(creator.requestBody?.content ?? {});
    const { properties = {}, required = [] } = document.resolve(content?.schema ?? {});
    if (required.some((name) => name.endsWith('_id') && !this.known.has(name))) return;
    const fields = required.map((name) => {
      const { example, type, format } = document.resolve(properties[name] ?? {});
      const isPlainText = type === 'string' && !format;
      if (name.endsWith('_id')) return [name, this.lastKnown(name, 0)];
      return [name, isPlainText ? `${String(example)}_${++serial}` : example];
    });
    await this.attempt(creator.path, Object.fromEntries(fields) as object, this.tokens.get('admin'));
  }

  /** One movement of each kind: generated ones seldom have fields that fit together, and enough in stock. */
  private async moveStock(): Promise<void> {
    const item_id = this.lastKnown('item_id', 0);
    const token = this.tokens.get('admin');
    const delivery = { delta: 1, reason: 'delivery' };
    const { text } = await this.post(`/api/v1/stock/${String(item_id)}/movements`, delivery, token);
    const { id } = JSON.parse(text) as { id: number };
    await this.post('/api/v1/stock/movements/batch', { movements: [{ item_id, ...delivery }] }, token);
    await this.post(`/api/v1/stock/movements/${id}/reverse`, {}, token);
  }

  /** A sale with all that may happen to it, and the day it is on: generated requests seldom come in such an order. */
  private async sell(): Promise<void> {
    const item_id = this.lastKnown('item_id', 0);
    const token = this.tokens.get('admin');
    const idOf = ({ text }: WireResponse) => String((JSON.parse(text) as { id: number }).id);
    const cart = `/api/v1/carts/${idOf(await this.post('/api/v1/carts', {}, token))}`;
    const line = { item_id, quantity: 0.1 };
    const removed = idOf(await this.post(`${cart}/items`, line, token));
    await this.post(`${cart}/items/${removed}`, {}, token, 'DELETE');
    await this.post(`${cart}/items`, line, token);
    await this.post(`${cart}/items`, {}, token, 'DELETE');
    const cart_item_id = idOf(await this.post(`${cart}/items`, line, token));
    await this.post(`${cart}/items/${cart_item_id}`, { quantity: 0.3 }, token, 'PATCH');
    await this.post(`${cart}/items/${cart_item_id}/return`, { quantity: 0.1 }, token);
    await this.post(`${cart}/complete`, {}, token);
    const lines = [{ cart_item_id: Number(cart_item_id), quantity: 0.1 }];
    await this.post(`${cart}/refunds`, { lines }, token);
    const days = '/api/v1/daily-accounts';
    // A generated request may have closed it.
    await this.attempt(`${days}/open-by-date?account_date=today`, { reason: 'A late sale' }, token);
    const account = `${days}/${idOf(await this.post(`${days}/close`, {}, token))}`;
    await this.post(`${account}/open`, { reason: 'A mistake' }, token);
    await this.post(`${days}/close-by-date?account_date=today`, {}, token);
    await this.post(`${days}/open-by-date?account_date=today`, { reason: 'A mistake' }, token);
    // Generated movements may make the sums too large for a report.
    for (const report of ['movements', 'sales']) {
      await this.attempt(`/api/v1/reports/${report}?from=today&to=today`, {}, token, 'GET');
    }
  }

  /** Counts an item and approves that, and cancels another stocktake. */
  private async countStock(): Promise<void> {
    const item_id = this.lastKnown('item_id', 0);
    const token = this.tokens.get('admin');
    const { text } = await this.post('/api/v1/auth/me', {}, token, 'GET');
    const sent = {
      name: 'Count',
      item_ids: [item_id],
      assigned_to: [(JSON.parse(text) as { id: number }).id],
    };
    for (const end of ['approve', 'cancel']) {
      const created = await this.post('/api/v1/stocktakes', sent, token);
      const stocktake = `/api/v1/stocktakes/${(JSON.parse(created.text) as { id: number }).id}`;
      await this.post(stocktake, { name: 'Recount' }, token, 'PATCH');
      await this.post(`${stocktake}/counts/${String(item_id)}`, { quantity: 1 }, token, 'PUT');
      await this.post(`${stocktake}/counts/${String(item_id)}`, {}, token, 'GET');
      await this.post(`${stocktake}/${end}`, {}, token);
    }
  }

  /** What else needs a row, a code or a token that fits, which a run of generated requests may never have. */
  private async useTheRest(): Promise<void> {
    const token = this.tokens.get('admin');
    await this.post(`/api/v1/stock/${String(this.lastKnown('item_id', 0))}`, { quantity: 9 }, token, 'PATCH');
    await this.post(
      `/api/v1/tasks/${String(this.lastKnown('task_id', 0))}`,
      { note: 'Half of it' },
      token,
      'PATCH',
    );
    const digits = String(400_000_000_000 + ++serial);
    const barcode = digits + checkDigitOf(digits);
    await this.post(
      '/api/v1/items',
      { name: `Scanned_${serial}`, category_id: this.lastKnown('category_id', 0), unit_price: 1, barcode },
      token,
    );
    await this.post(`/api/v1/items/by-barcode/${barcode}`, {}, token, 'GET');
    const { text } = await this.post('/api/v1/carts', {}, token);
    const cart = `/api/v1/carts/${(JSON.parse(text) as { id: number }).id}`;
    await this.post(cart, { desk_number: null }, token, 'PATCH');
    await this.post(`${cart}/delete`, {}, token);
    const me = await this.post('/api/v1/auth/me', {}, token, 'GET');
    const { username } = JSON.parse(me.text) as { username: string };
    await this.post('/api/v1/auth/login', { username, password: PASSWORD });
    const sessions = await this.post('/api/v1/auth/sessions', {}, token, 'GET');
    const other = (JSON.parse(sessions.text) as { id: number; is_current: boolean }[]).find(
      (one) => !one.is_current,
    );
    await this.post(`/api/v1/auth/sessions/${String(other?.id)}`, {}, token, 'DELETE');
    await this.post('/metrics', {}, this.target.metricsToken, 'GET');
  }

  /** An import that goes on when its request has ended: generated files have too few rows. */
  private async importMany(): Promise<void> {
    const headers = { 'Content-Type': 'text/csv', ...bearer(this.tokens.get('admin') ?? '') };
    const importer = this.operationAt('POST', '/api/v1/items/import');
    const rows = Array.from({ length: 1_001 }, (_, row) => `Tea ${row},Tea,1\r\n`);
    const body = `name,category,unit_price\r\n${rows.join('')}`;
    const sent = { method: 'POST', path: '/api/v1/items/import?dry_run=true', headers, body };
    const { text } = await this.send(importer as Operation, sent, true);
    const { id } = JSON.parse(text) as { id: number };
    await this.post(`/api/v1/items/imports/${id}`, {}, this.tokens.get('admin'), 'GET');
  }

  /** Sends a request that has to succeed. */
  private async post(path: string, body: object, token?: string, method = 'POST'): Promise<WireResponse> {
    const response = await this.attempt(path, body, token, method);
    if (response.status >= 300) this.fail(`${method} ${path} has to succeed`);
    return response;
  }

  private async attempt(path: string, body: object, token?: string, method = 'POST'): Promise<WireResponse> {
    const operation = this.operationAt(method, path.split('?')[0] as string);
    if (!operation) throw new Error(`The document has no ${method} ${path}`);
    const headers = { 'Content-Type': 'application/json', ...(token && bearer(token)) };
    const response = await this.send(
      operation,
      { method, path, headers, ...(!['DELETE', 'GET'].includes(method) && { body: JSON.stringify(body) }) },
      true,
    );
    if (response.status < 300) this.rememberResponse(operation, path, body, response);
    return response;
  }

  private async send(
    operation: Operation,
    sent: WireRequest,
    isAsDocumented: boolean,
  ): Promise<WireResponse> {
    this.sent.push(shownRequest(sent));
    const response = await this.target.wire.send(sent).catch((error: unknown) => {
      this.fail(`no response: ${String(error)}`);
    });
    this.sent.push(`  ${response.status} ${response.text.slice(0, SHOWN)}`);
    const { document, seen } = this.target;
    for (const violation of violationsIn(response, sent, document)) this.fail(violation);
    if (!isAsDocumented) return response;

    const isBodyUnexpected = sent.body !== undefined && !operation.requestBody;
    const isTolerated = isBodyUnexpected && UNREADABLE.includes(response.status);
    if (!operation.responses[response.status] && !isTolerated)
      this.fail(`${response.status} is not documented`);
    const schemaError = isTolerated ? undefined : document.schemaError(operation, response, bodyOf(response));
    if (schemaError) this.fail(`the response does not match its schema: ${schemaError}`);
    const statuses = seen.get(operation.operationId) ?? new Set();
    seen.set(operation.operationId, statuses.add(response.status));
    return response;
  }

  private fail(violation: string): never {
    throw new Error(`${violation}\n${this.sent.join('\n')}`);
  }

  /** Checks that what was written is read, what was deleted is gone, and what was refused has changed nothing. */
  private async readAgain(
    { path: template }: Operation,
    path: string,
    authorization: string,
    status: number,
  ): Promise<void> {
    const reader = this.operationAt('GET', path);
    if (reader?.path !== template) return;
    const sent = { method: 'GET', path, headers: { Authorization: authorization } };
    const response = await this.send(reader, sent, true);
    if (response.status === 200 && this.deleted.has(path)) this.fail('it was deleted, and is there');
    const known = this.rows.get(path);
    if (known === undefined) return;
    if (response.status === 404 && (await this.isGone(reader, path))) {
      this.fail(`it was there, and is gone after a ${status}`);
    }
    if (response.status === 200 && !agree(bodyOf(response), known)) {
      this.fail(`it is not what a response said before: ${JSON.stringify(known)}`);
    }
  }

  /** A task is not there for an employee whose task it is not. */
  private async isGone(reader: Operation, path: string): Promise<boolean> {
    const headers = bearer(this.tokens.get('admin') ?? '');
    return (await this.send(reader, { method: 'GET', path, headers }, true)).status === 404;
  }

  private rememberResponse(
    operation: Operation,
    path: string,
    request: unknown,
    response: WireResponse,
  ): void {
    const location = this.target.document.rowOf(operation);
    const body = bodyOf(response);
    const idName = location?.parameter ?? this.target.document.idNameOf(operation);
    for (const row of Array.isArray(body) ? body.slice(0, 5) : [body]) this.rememberAll(row, idName);
    this.rememberAll(request, undefined);
    if (operation.method === 'GET') return;

    // It may have changed other rows, too. Only the one in its response is certain.
    this.rows.clear();
    if (operation.method === 'DELETE') this.deleted.add(path);
    if (operation.method === 'PATCH') this.rows.set(path, body);
    if (response.status === 201 && location && !Array.isArray(body)) {
      const { [location.parameter]: named, id } = body as Record<string, unknown>;
      const address = location.path.replace(`{${location.parameter}}`, String(named ?? id));
      this.deleted.delete(address);
      this.rows.set(address, body);
      this.created.push(address);
      this.creators.add(operation.operationId);
    }
  }

  /** @param idName what paths call the row's `id` */
  private rememberAll(row: unknown, idName: string | undefined): void {
    if (typeof row !== 'object' || row === null) return;
    for (const [field, value] of Object.entries(row)) {
      const name = field === 'id' ? idName : field;
      if (!name || this.target.isUntouchable(name, value)) continue;
      this.remember(name, value);
      // What an item calls its barcode is the code that a till scans.
      if (name === 'barcode' && value !== null) this.remember('code', value);
    }
  }

  private remember(name: string, value: unknown): void {
    if (value === null) return;
    this.known.set(name, [...(this.known.get(name) ?? []), value].slice(-20));
  }

  /** The value, with known values in place of each {@link KnownValue}. */
  private recall(value: unknown): unknown {
    if (value instanceof KnownValue) return this.lastKnown(value.name, value.index) ?? value.otherwise;
    if (Array.isArray(value)) return value.map((entry) => this.recall(entry));
    if (typeof value !== 'object' || value === null) return value;
    const own = Object.getOwnPropertyDescriptors(value);
    for (const descriptor of Object.values(own)) descriptor.value = this.recall(descriptor.value);
    return Object.defineProperties({}, own);
  }

  /** `old_password` and `new_password` are passwords as well. */
  private lastKnown(name: string, index: number): unknown {
    const values = this.known.get(name);
    if (values) return values.at(-1 - (index % values.length));
    const [, rest] = /^[a-z]+_(.+)$/.exec(name) ?? [];
    return rest === undefined ? undefined : this.lastKnown(rest, index);
  }

  private pathOf({ operation, path, isPathRaw }: Call): string {
    return operation.path.replace(/\{(\w+)\}/g, (_, name: string) => {
      const value = this.recall(path[name]);
      const text = this.target.isUntouchable(name, value) ? '0' : textOf(value) || ' ';
      return isPathRaw ? text.toWellFormed().replace(/[^!-~]/gu, encodeURIComponent) : encoded(text);
    });
  }

  private authorizationOf({ principal, garbage }: Call): string | undefined {
    if (principal === 'nobody') return undefined;
    if (principal === 'garbage') return garbage;
    return `Bearer ${String(this.tokens.get(principal) ?? this.lastKnown('access_token', 0))}`;
  }

  private operationAt(method: string, path: string): Operation | undefined {
    const found = this.target.document.operations.filter(
      (operation) =>
        operation.method === method &&
        new RegExp(`^${operation.path.replace(/\{\w+\}/g, '[^/]+')}$`).test(path),
    );
    return found.find((operation) => operation.path === path) ?? found[0];
  }
}

/** Whether two responses for the same row agree in all fields that both have: costs are for owners only. */
function agree(one: unknown, other: unknown): boolean {
  const [row, known] = [one, other] as Record<string, unknown>[];
  const shared = Object.keys(row ?? {}).filter((field) => known && field in known);
  return shared.every((field) => isDeepStrictEqual(row?.[field], known?.[field]));
}

function bearer(token: string): { Authorization: string } {
  return { Authorization: `Bearer ${token}` };
}

function encoded(value: unknown): string {
  return encodeURIComponent(textOf(value).toWellFormed());
}

function bodyOf({ headers, text }: WireResponse): unknown {
  if (text === '') return undefined;
  return /^text\/(plain|csv|event-stream)/.test(headers['content-type'] ?? '') ? text : JSON.parse(text);
}

function shownRequest({ method, path, headers, body = '' }: WireRequest): string {
  const lines = [
    `${method} ${path}`,
    ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
    body,
  ];
  return lines.map((line) => line.toString().slice(0, SHOWN)).join('\n    ');
}
