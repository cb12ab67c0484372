import { createHash } from 'node:crypto';
import type { Database, Statement } from 'better-sqlite3';
import { Role } from '../platform/authorization/role.js';
import { loginKey, normalizeEmail } from '../platform/validation/login-name.js';
import { normalizeLine, normalizeText } from '../platform/validation/text.js';
import { nameKey } from '../platform/database/name-key.js';
import { MAX_PRICE } from '../items/dto/item-create.dto.js';
import { markTruncated } from '../platform/passwords/truncated-hash.js';
import { MOCK_DATA } from '../seeding/seeding.entity.js';
import { MAX_IN_STOCK } from '../stock/quantity.js';
import { MAX_EMAIL_LENGTH, toEmail, lengthWithin, toWebAddress } from '../platform/validation/conversions.js';
import { columnsOf, FIRST_VERSION_TABLES } from './file-content.js';
import { type FirstVersionRow, type FirstVersionTables, MAX_ID } from './first-version-tables.js';
import {
  truncate,
  isBcryptHash,
  readDecimal,
  readText,
  readTimestamp,
  UniqueNames,
} from './first-version-values.js';

type Row = Record<string, string | number | null> & { id: number };

interface Authorship {
  created_by: number;
  updated_by: number;
  created_at: string;
  updated_at: string;
}

/** Stored instead of a hash. No password matches it. */
const NO_PASSWORD = '!';
const MAX_USERNAME = 50;
const MAX_CATEGORY_NAME = 100;
const MAX_SKU = 50;
const MAX_RATE = 100;
const MAX_URL = 500;

/** The tables with `created_by` and `updated_by`. */
const AUTHORED = ['categories', 'items', 'stock_entries'];

/**
 * Imports the rows of the first version into the tables of this program's first migration, with their ids, times and authors.
 * Values that this program does not allow are changed by fixed rules, and each change is reported. All rows are imported,
 * except refresh tokens that can't be used any more.
 */
export class FirstVersionImport {
  /** One sentence per changed value and per skipped table. */
  readonly decisions: string[] = [];
  private readonly counts = new Map<string, number>();
  private readonly ids = new Map<string, Set<number>>();
  private readonly statements = new Map<string, Statement>();
  private readonly maxIds: Map<string, number>;
  private readonly now = new Date().toISOString();
  private unknownUserId: number | undefined;
  private unknownCategoryId: number | undefined;
  private categoryNames!: UniqueNames;

  constructor(
    private readonly database: Database,
    private readonly old: FirstVersionTables,
  ) {
    this.maxIds = new Map(old.lastIds);
  }

  get summary(): string {
    const tables = [...this.counts].map(([table, count]) => `${count} ${table.replace('_', ' ')}`);
    return `Imported a database of the first version: ${tables.join(', ')}`;
  }

  run(): void {
    this.importUsers();
    this.importRefreshTokens();
    this.importCategories();
    this.importItems();
    this.importStockEntries();
    // Prevents mock data, because an empty catalogue was emptied on purpose.
    this.database.prepare('insert into seedings (name, seeded_at) values (?, ?)').run(MOCK_DATA, this.now);
  }

  /** Runs after all migrations: imports columns that the first migration lacks, and sets the next ids. */
  finish(): void {
    this.importSortOrders();
    this.continueSequences();
    this.noteSkippedData();
  }

  private importUsers(): void {
    const present = [...this.old.rows('users')].filter(({ is_deleted }) => !is_deleted);
    const emails = new UniqueNames(
      (email) => email,
      present.map((row) => this.emailOf(row)),
    );
    const usernames = new UniqueNames(
      loginKey,
      present.map((row) => this.usernameOf(row)),
    );
    this.addMissingUsers();
    for (const row of this.old.rows('users')) {
      const isDeleted = Boolean(row.is_deleted);
      const { created_at, updated_at } = this.timesOf(row, 'users');
      let [email, username] = [this.emailOf(row, true), this.usernameOf(row, true)];
      if (!isDeleted) {
        email = this.unique(emails, email, row, 'users', 'email', (addition) => {
          const [, local = email, domain = ''] = /^(.*)(@[^@]*)$/.exec(email) ?? [];
          return fit(local, `+${addition}${domain}`, MAX_EMAIL_LENGTH);
        });
        username = this.unique(usernames, username, row, 'users', 'username', (addition) =>
          fit(username, `_${addition}`, MAX_USERNAME),
        );
      }
      this.insert('users', {
        id: row.id,
        email,
        username,
        username_key: loginKey(username),
        full_name: this.optionalText(row, 'users', 'full_name', 100),
        hashed_password: this.hashOf(row),
        role: this.roleOf(row),
        ...this.stateOf(row, updated_at),
        credentials_version: 0,
        created_at,
        updated_at,
      });
    }
  }

  /** Adds authors of rows who are missing, as deleted users with their old ids. */
  private addMissingUsers(): void {
    for (const table of AUTHORED) {
      for (const column of ['created_by', 'updated_by']) {
        for (const id of this.old.danglingReferences(table, column, 'users').filter(isId)) {
          if (!this.idsOf('users').has(id)) this.addMissingUser(id);
        }
      }
    }
  }

  private addMissingUser(id: number): number {
    const username = `missing_user_${id}`;
    this.insert('users', {
      id,
      email: `${username}@first-version.invalid`,
      username,
      username_key: loginKey(username),
      full_name: null,
      hashed_password: NO_PASSWORD,
      role: Role.Employee,
      is_active: 0,
      is_deleted: 1,
      deleted_at: this.now,
      credentials_version: 0,
      created_at: this.now,
      updated_at: this.now,
    });
    this.note('users', id, `was missing but is the author of other rows: added as a deleted user`);
    return id;
  }

  private importRefreshTokens(): void {
    const active = this.database.prepare('select 1 from users where id = ? and is_active');
    this.counts.set('refresh_tokens', 0);
    for (const row of this.old.rows('refresh_tokens')) {
      const expires_at = readTimestamp(row.expires_at) ?? this.now;
      const isGood = !row.revoked && expires_at > this.now && active.get(row.user_id) !== undefined;
      if (!isGood || typeof row.token !== 'string') continue;
      this.insert('refresh_tokens', {
        id: row.id,
        user_id: row.user_id as number,
        token_hash: createHash('sha256').update(row.token).digest('hex'),
        created_at: readTimestamp(row.created_at) ?? this.now,
        expires_at,
      });
    }
    const left = this.old.count('refresh_tokens') - (this.counts.get('refresh_tokens') ?? 0);
    if (left > 0) {
      this.decisions.push(
        `refresh_tokens: ${left} are only kept in the copy: revoked, expired, or of users who cannot log in`,
      );
    }
  }

  private importCategories(): void {
    const rows = [...this.old.rows('categories')];
    const names = rows.map((row) => this.nameOf(row, 'categories', 'Category', MAX_CATEGORY_NAME));
    this.categoryNames = new UniqueNames((name) => name, names);
    for (const row of rows) {
      const name = this.nameOf(row, 'categories', 'Category', MAX_CATEGORY_NAME, true);
      this.insertCategory(row.id, {
        name: this.unique(this.categoryNames, name, row, 'categories', 'name', (addition) =>
          fit(name, ` (${addition})`, MAX_CATEGORY_NAME),
        ),
        description: this.description(row, 'categories', 500),
        ...this.authorshipOf(row, 'categories'),
      });
    }
    for (const id of this.old.danglingReferences('items', 'category_id', 'categories').filter(isId)) {
      this.addMissingCategory(id);
    }
  }

  private addMissingCategory(id: number): number {
    const wanted = `Missing category ${id}`;
    const name = this.categoryNames.take(wanted, id, (addition) => `${wanted} (${addition})`);
    this.insertCategory(id, { name, description: null, ...this.unknownAuthorship() });
    this.note('categories', id, `was missing but items refer to it: added as ${display(name)}`);
    return id;
  }

  private insertCategory(id: number, row: { name: string; description: string | null } & Authorship): void {
    this.insert('categories', { id, name_key: nameKey(row.name), ...row });
  }

  private importItems(): void {
    const wanted = Array.from(this.old.rows('items'), (row) =>
      this.optionalText(row, 'items', 'sku', MAX_SKU, false),
    );
    const skus = new UniqueNames(
      (sku) => sku,
      wanted.filter((sku) => sku !== null),
    );
    for (const row of this.old.rows('items')) {
      const name = this.nameOf(row, 'items', 'Item', 200, true);
      const sku = this.optionalText(row, 'items', 'sku', MAX_SKU);
      this.insert('items', {
        id: row.id,
        category_id: this.categoryOf(row),
        name,
        name_key: nameKey(name),
        description: this.description(row, 'items', 2000),
        sku:
          sku === null
            ? null
            : this.unique(skus, sku, row, 'items', 'sku', (addition) => fit(sku, `-${addition}`, MAX_SKU)),
        barcode: this.optionalText(row, 'items', 'barcode', 50),
        image_url: this.imageUrlOf(row),
        unit_price: this.decimal(row, 'items', 'unit_price', 2, MAX_PRICE),
        unit_type: this.optionalText(row, 'items', 'unit_type', 20) ?? 'piece',
        tax_rate: this.decimal(row, 'items', 'tax_rate', 2, MAX_RATE),
        discount_rate: this.decimal(row, 'items', 'discount_rate', 2, MAX_RATE),
        ...this.authorshipOf(row, 'items'),
      });
    }
    for (const id of this.old.danglingReferences('stock_entries', 'item_id', 'items').filter(isId))
      this.addMissingItem(id);
  }

  private addMissingItem(id: number): number {
    const name = `Missing item ${id}`;
    this.insert('items', {
      id,
      category_id: this.unknownCategory(),
      name,
      name_key: nameKey(name),
      description: null,
      sku: null,
      barcode: null,
      image_url: null,
      unit_price: 0,
      unit_type: 'piece',
      tax_rate: 0,
      discount_rate: 0,
      ...this.unknownAuthorship(),
    });
    this.note('items', id, `was missing but is in stock: added as ${display(name)}`);
    return id;
  }

  private importStockEntries(): void {
    for (const row of this.old.rows('stock_entries')) {
      const { item_id } = row;
      this.insert('stock_entries', {
        id: row.id,
        item_id: this.isKnown('items', item_id) ? item_id : this.addMissingItem(this.nextId('items')),
        quantity: this.decimal(row, 'stock_entries', 'quantity', 3, MAX_IN_STOCK),
        ...this.authorshipOf(row, 'stock_entries'),
      });
    }
  }

  private importSortOrders(): void {
    const columns = [this.old.columns('categories'), columnsOf(this.database, 'categories')];
    if (!columns.every((names) => names.includes('sort_order'))) return;
    const update = this.database.prepare('update categories set sort_order = ? where id = ?');
    for (const row of this.old.rows('categories')) {
      const order = Number(row.sort_order);
      const sortOrder = Math.min(Math.max(Math.trunc(order) || 0, 0), MAX_ID);
      if (sortOrder !== order) this.changed(row, 'categories', 'sort_order', sortOrder);
      if (sortOrder !== 0) update.run(sortOrder, row.id);
    }
  }

  /** Ids of deleted rows must not be used again. A session has the id of its old refresh token. */
  private continueSequences(): void {
    const read = this.database.prepare('select seq from sqlite_sequence where name = ?').pluck();
    const remove = this.database.prepare('delete from sqlite_sequence where name = ?');
    const write = this.database.prepare('insert into sqlite_sequence (name, seq) values (?, ?)');
    for (const table of Object.keys(FIRST_VERSION_TABLES)) {
      const target = table === 'refresh_tokens' ? 'sessions' : table;
      const last = Math.max(this.old.lastIds.get(table) ?? 0, Number(read.get(target) ?? 0));
      remove.run(target);
      write.run(target, last);
    }
  }

  private noteSkippedData(): void {
    const tables = this.old.names.filter((name) => !(name in FIRST_VERSION_TABLES));
    for (const table of tables) {
      this.decisions.push(
        `${table}: this version has no such table; its ${this.old.count(table)} rows are only kept in the copy`,
      );
    }
    for (const [table, columns] of Object.entries(FIRST_VERSION_TABLES)) {
      const known = [...columns, ...columnsOf(this.database, table)];
      for (const column of this.old.columns(table).filter((name) => !known.includes(name))) {
        this.decisions.push(`${table}: this version has no column ${column}; it is only kept in the copy`);
      }
    }
  }

  private emailOf(row: FirstVersionRow, notesChange = false): string {
    const text = readText(row.email) ?? '';
    const valid = toEmail(text);
    if (valid !== undefined) return valid;
    const email = truncate(normalizeEmail(normalizeLine(text)), MAX_EMAIL_LENGTH) || `user_${row.id}`;
    if (notesChange) {
      this.note(
        'users',
        row.id,
        `email ${display(row.email)} is not a valid address: kept as ${display(email)}`,
      );
    }
    return email;
  }

  /** Replaces @, because a login with @ is looked up as an e-mail address. */
  private usernameOf(row: FirstVersionRow, notesChange = false): string {
    const text = normalizeLine(readText(row.username) ?? '');
    const username = truncate(text.replaceAll('@', '_'), MAX_USERNAME) || `user_${row.id}`;
    if (notesChange && username !== text) this.changed(row, 'users', 'username', username);
    return username;
  }

  private hashOf(row: FirstVersionRow): string {
    if (isBcryptHash(row.hashed_password)) return markTruncated(row.hashed_password);
    this.note('users', row.id, 'has no bcrypt password hash: an admin must set a new password');
    return NO_PASSWORD;
  }

  private roleOf(row: FirstVersionRow): string {
    const role = Object.values<unknown>(Role).includes(row.role) ? (row.role as Role) : Role.Employee;
    if (role !== row.role) this.changed(row, 'users', 'role', role);
    return role;
  }

  private stateOf(
    row: FirstVersionRow,
    updatedAt: string,
  ): { is_active: number; is_deleted: number; deleted_at: string | null } {
    const isDeleted = Boolean(row.is_deleted);
    const isActive = Boolean(row.is_active) && !isDeleted;
    if (isActive !== Boolean(row.is_active)) this.changed(row, 'users', 'is_active', 0);
    const given = readTimestamp(row.deleted_at);
    const deleted_at = isDeleted ? (given ?? updatedAt) : null;
    if (deleted_at !== (given ?? null)) this.changed(row, 'users', 'deleted_at', deleted_at);
    return { is_active: Number(isActive), is_deleted: Number(isDeleted), deleted_at };
  }

  private nameOf(
    row: FirstVersionRow,
    table: string,
    what: string,
    max: number,
    notesChange = false,
  ): string {
    const name = this.optionalText(row, table, 'name', max, notesChange);
    if (name !== null) return name;
    const made = `${what} ${row.id}`;
    if (notesChange) this.changed(row, table, 'name', made);
    return made;
  }

  private imageUrlOf(row: FirstVersionRow): string | null {
    const text = readText(row.image_url);
    if (text === undefined || text.trim() === '') return null;
    const url = toWebAddress(text);
    if (url !== undefined && lengthWithin(url, MAX_URL) <= MAX_URL) return url;
    this.changed(row, 'items', 'image_url', null);
    return null;
  }

  private description(row: FirstVersionRow, table: string, max: number): string | null {
    const text = readText(row.description);
    return text === undefined ? null : this.truncate(normalizeText(text), row, table, 'description', max);
  }

  /** Normalizes text like the API does. Returns null when nothing is left. */
  private optionalText(
    row: FirstVersionRow,
    table: string,
    column: string,
    max: number,
    notesChange = true,
  ): string | null {
    const text = normalizeLine(readText(row[column]) ?? '');
    return (notesChange ? this.truncate(text, row, table, column, max) : truncate(text, max)) || null;
  }

  private truncate(text: string, row: FirstVersionRow, table: string, column: string, max: number): string {
    const kept = truncate(text, max);
    if (kept !== text) {
      this.note(
        table,
        row.id,
        `${column} is longer than ${max} characters: the rest is only kept in the copy`,
      );
    }
    return kept;
  }

  private decimal(row: FirstVersionRow, table: string, column: string, places: number, max: number): number {
    const unit = 10 ** places;
    const { scaled, isRounded } = readDecimal(row[column], places) ?? { scaled: NaN, isRounded: false };
    const value = Math.min(Math.max(scaled || 0, 0), max * unit);
    if (value !== scaled || isRounded) this.changed(row, table, column, value / unit);
    return value;
  }

  private timesOf(row: FirstVersionRow, table: string): { created_at: string; updated_at: string } {
    const [created, updated] = [readTimestamp(row.created_at), readTimestamp(row.updated_at)];
    const created_at = created ?? updated ?? this.now;
    const updated_at = updated ?? created_at;
    if (created === undefined) this.changed(row, table, 'created_at', created_at);
    if (updated === undefined) this.changed(row, table, 'updated_at', updated_at);
    return { created_at, updated_at };
  }

  private authorshipOf(row: FirstVersionRow, table: string): Authorship {
    return {
      created_by: this.authorOf(row, table, 'created_by'),
      updated_by: this.authorOf(row, table, 'updated_by'),
      ...this.timesOf(row, table),
    };
  }

  private authorOf(row: FirstVersionRow, table: string, column: string): number {
    const id = row[column];
    if (this.isKnown('users', id)) return id;
    const unknown = this.unknownUser();
    this.changed(row, table, column, unknown);
    return unknown;
  }

  private categoryOf(row: FirstVersionRow): number {
    const { category_id } = row;
    if (this.isKnown('categories', category_id)) return category_id;
    const unknown = this.unknownCategory();
    this.changed(row, 'items', 'category_id', unknown);
    return unknown;
  }

  private unknownAuthorship(): Authorship {
    const id = this.unknownUser();
    return { created_by: id, updated_by: id, created_at: this.now, updated_at: this.now };
  }

  /** The author of rows that name none. */
  private unknownUser(): number {
    return (this.unknownUserId ??= this.addMissingUser(this.nextId('users')));
  }

  /** The category of items that name none. */
  private unknownCategory(): number {
    return (this.unknownCategoryId ??= this.addMissingCategory(this.nextId('categories')));
  }

  private unique(
    names: UniqueNames,
    name: string,
    row: FirstVersionRow,
    table: string,
    column: string,
    other: (addition: string) => string,
  ): string {
    const owner = names.ownerOf(name);
    const taken = names.take(name, row.id, other);
    if (owner !== undefined) {
      this.note(
        table,
        row.id,
        `${column} ${display(row[column])} is already used by ${table} ${owner}: is now ${display(taken)}`,
      );
    }
    return taken;
  }

  private insert(table: string, row: Row): void {
    let statement = this.statements.get(table);
    if (!statement) {
      const columns = Object.keys(row);
      statement = this.database.prepare(
        `insert into "${table}" (${columns.join(', ')}) values (${columns.map((column) => `@${column}`).join(', ')})`,
      );
      this.statements.set(table, statement);
    }
    statement.run(row);
    this.idsOf(table).add(row.id);
    this.maxIds.set(table, Math.max(this.maxIds.get(table) ?? 0, row.id));
    this.counts.set(table, (this.counts.get(table) ?? 0) + 1);
  }

  private isKnown(table: string, id: unknown): id is number {
    return this.idsOf(table).has(id as number);
  }

  private idsOf(table: string): Set<number> {
    let ids = this.ids.get(table);
    if (!ids) this.ids.set(table, (ids = new Set()));
    return ids;
  }

  private nextId(table: string): number {
    return (this.maxIds.get(table) ?? 0) + 1;
  }

  private changed(row: FirstVersionRow, table: string, column: string, value: string | number | null): void {
    this.note(table, row.id, `${column} was ${display(row[column])}, is now ${display(value)}`);
  }

  private note(table: string, id: number, sentence: string): void {
    this.decisions.push(`${table} ${id}: ${sentence}`);
  }
}

function isId(value: unknown): value is number {
  return Number.isInteger(value) && (value as number) >= 1 && (value as number) < MAX_ID;
}

/** Appends an addition to a name, and cuts the name so that both fit. */
function fit(name: string, addition: string, max: number): string {
  return truncate(name, max - addition.length) + addition;
}

/** Formats a value for the log. */
function display(value: unknown): string {
  if (typeof value === 'number') return String(value);
  const text = readText(value);
  return text === undefined ? 'NULL' : JSON.stringify(truncate(text, 100));
}
