import { createHash } from 'node:crypto';
import type { Database } from 'better-sqlite3';
import { Role } from '../platform/authorization/role.js';
import { loginKey, normalizeEmail } from '../platform/validation/login-name.js';
import { normalizeLine, normalizeText } from '../platform/validation/text.js';
import { nameKey } from '../platform/database/name-key.js';
import { MAX_PRICE } from '../items/dto/item-create.dto.js';
import { markTruncated } from '../platform/passwords/truncated-hash.js';
import { MOCK_DATA } from '../seeding/seeding.entity.js';
import { MAX_IN_STOCK } from '../stock/quantity.js';
import { MAX_EMAIL_LENGTH, toEmail, lengthWithin, toWebAddress } from '../platform/validation/conversions.js';
import { CART_TABLES, columnsOf, DAILY_ACCOUNT_TABLES, FIRST_VERSION_TABLES } from './file-content.js';
import { FirstVersionCarts, type ShopSettings } from './first-version-carts.js';
import { FirstVersionDailyAccounts } from './first-version-daily-accounts.js';
import { type FirstVersionRow, type FirstVersionTables, isId, MAX_ID } from './first-version-tables.js';
import {
  display,
  fit,
  isBcryptHash,
  readText,
  readTimestamp,
  truncate,
  UniqueNames,
} from './first-version-values.js';
import { type Authorship, ImportedRows, NO_PASSWORD } from './imported-rows.js';

const MAX_USERNAME = 50;
const MAX_CATEGORY_NAME = 100;
const MAX_SKU = 50;
const MAX_RATE = 100;
const MAX_URL = 500;

/** The columns that name the author of a row. */
const AUTHOR_COLUMNS = ['created_by', 'updated_by', 'closed_by'];

/**
 * Imports the rows of the first version into the tables of this program's first migration, with their ids, times and authors.
 * Values that this program does not allow are changed by fixed rules, and each change is reported. All rows are imported,
 * except refresh tokens that can't be used any more.
 */
export class FirstVersionImport {
  private readonly rows: ImportedRows;
  /** The tables that have a counterpart here. */
  private readonly tables: string[];
  private readonly carts: FirstVersionCarts;
  private readonly dailyAccounts: FirstVersionDailyAccounts;
  private unknownCategoryId: number | undefined;
  private categoryNames!: UniqueNames;

  constructor(database: Database, old: FirstVersionTables, settings: ShopSettings) {
    this.rows = new ImportedRows(database, old);
    const later = [CART_TABLES, DAILY_ACCOUNT_TABLES].filter((tables) => old.has(tables));
    this.tables = [FIRST_VERSION_TABLES, ...later].flatMap(Object.keys);
    this.carts = new FirstVersionCarts(this.rows, settings);
    this.dailyAccounts = new FirstVersionDailyAccounts(this.rows);
  }

  /** One sentence per changed value and per skipped table. */
  get decisions(): string[] {
    return this.rows.decisions;
  }

  get summary(): string {
    const counts = this.tables.map(
      (table) => `${this.rows.counts.get(table) ?? 0} ${table.replaceAll('_', ' ')}`,
    );
    return `Imported a database of the first version: ${counts.join(', ')}`;
  }

  run(): void {
    this.importUsers();
    this.importRefreshTokens();
    this.importCategories();
    this.importItems();
    this.importStockEntries();
    this.carts.prepare(() => this.addMissingItem(this.rows.nextId('items'), 'is in a cart'));
    // Prevents mock data, because an empty catalogue was emptied on purpose.
    this.rows.database
      .prepare('insert into seedings (name, seeded_at) values (?, ?)')
      .run(MOCK_DATA, this.rows.now);
  }

  /** Runs after all migrations: imports what the first migration has no place for, and sets the next ids. */
  finish(): void {
    this.importSortOrders();
    this.carts.run();
    this.dailyAccounts.run();
    this.continueSequences();
    this.noteSkippedData();
  }

  private importUsers(): void {
    const present = [...this.rows.old.rows('users')].filter(({ is_deleted }) => !is_deleted);
    const emails = new UniqueNames(
      (email) => email,
      present.map((row) => this.emailOf(row)),
    );
    const usernames = new UniqueNames(
      loginKey,
      present.map((row) => this.usernameOf(row)),
    );
    this.addMissingUsers();
    for (const row of this.rows.old.rows('users')) {
      const isDeleted = Boolean(row.is_deleted);
      const { created_at, updated_at } = this.rows.timesOf(row, 'users');
      let [email, username] = [this.emailOf(row, true), this.usernameOf(row, true)];
      if (!isDeleted) {
        email = this.rows.unique(emails, email, row, 'users', 'email', (addition) => {
          const [, local = email, domain = ''] = /^(.*)(@[^@]*)$/.exec(email) ?? [];
          return fit(local, `+${addition}${domain}`, MAX_EMAIL_LENGTH);
        });
        username = this.rows.unique(usernames, username, row, 'users', 'username', (addition) =>
          fit(username, `_${addition}`, MAX_USERNAME),
        );
      }
      this.rows.insert('users', {
        id: row.id,
        email,
        username,
        username_key: loginKey(username),
        full_name: this.rows.optionalText(row, 'users', 'full_name', 100),
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
    for (const table of this.tables) {
      for (const column of AUTHOR_COLUMNS.filter((name) => this.rows.old.columns(table).includes(name))) {
        for (const id of this.rows.old.danglingReferences(table, column, 'users').filter(isId)) {
          if (!this.rows.isKnown('users', id)) this.rows.addMissingUser(id);
        }
      }
    }
  }

  private importRefreshTokens(): void {
    const active = this.rows.database.prepare('select 1 from users where id = ? and is_active');
    this.rows.counts.set('refresh_tokens', 0);
    for (const row of this.rows.old.rows('refresh_tokens')) {
      const expires_at = readTimestamp(row.expires_at) ?? this.rows.now;
      const isGood = !row.revoked && expires_at > this.rows.now && active.get(row.user_id) !== undefined;
      if (!isGood || typeof row.token !== 'string') continue;
      this.rows.insert('refresh_tokens', {
        id: row.id,
        user_id: row.user_id as number,
        token_hash: createHash('sha256').update(row.token).digest('hex'),
        created_at: readTimestamp(row.created_at) ?? this.rows.now,
        expires_at,
      });
    }
    const left = this.rows.old.count('refresh_tokens') - (this.rows.counts.get('refresh_tokens') ?? 0);
    if (left > 0) {
      this.rows.decisions.push(
        `refresh_tokens: ${left} are only kept in the copy: revoked, expired, or of users who cannot log in`,
      );
    }
  }

  private importCategories(): void {
    const rows = [...this.rows.old.rows('categories')];
    const names = rows.map((row) => this.nameOf(row, 'categories', 'Category', MAX_CATEGORY_NAME));
    this.categoryNames = new UniqueNames((name) => name, names);
    for (const row of rows) {
      const name = this.nameOf(row, 'categories', 'Category', MAX_CATEGORY_NAME, true);
      this.insertCategory(row.id, {
        name: this.rows.unique(this.categoryNames, name, row, 'categories', 'name', (addition) =>
          fit(name, ` (${addition})`, MAX_CATEGORY_NAME),
        ),
        description: this.description(row, 'categories', 500),
        ...this.rows.authorshipOf(row, 'categories'),
      });
    }
    for (const id of this.rows.old.danglingReferences('items', 'category_id', 'categories').filter(isId)) {
      this.addMissingCategory(id);
    }
  }

  private addMissingCategory(id: number): number {
    const wanted = `Missing category ${id}`;
    const name = this.categoryNames.take(wanted, id, (addition) => `${wanted} (${addition})`);
    this.insertCategory(id, { name, description: null, ...this.rows.unknownAuthorship() });
    this.rows.note('categories', id, `was missing but items refer to it: added as ${display(name)}`);
    return id;
  }

  private insertCategory(id: number, row: { name: string; description: string | null } & Authorship): void {
    this.rows.insert('categories', { id, name_key: nameKey(row.name), ...row });
  }

  private importItems(): void {
    const wanted = Array.from(this.rows.old.rows('items'), (row) =>
      this.rows.optionalText(row, 'items', 'sku', MAX_SKU, false),
    );
    const skus = new UniqueNames(
      (sku) => sku,
      wanted.filter((sku) => sku !== null),
    );
    for (const row of this.rows.old.rows('items')) {
      const name = this.nameOf(row, 'items', 'Item', 200, true);
      const sku = this.rows.optionalText(row, 'items', 'sku', MAX_SKU);
      this.rows.insert('items', {
        id: row.id,
        category_id: this.categoryOf(row),
        name,
        name_key: nameKey(name),
        description: this.description(row, 'items', 2000),
        sku:
          sku === null
            ? null
            : this.rows.unique(skus, sku, row, 'items', 'sku', (addition) =>
                fit(sku, `-${addition}`, MAX_SKU),
              ),
        barcode: this.rows.optionalText(row, 'items', 'barcode', 50),
        image_url: this.imageUrlOf(row),
        unit_price: this.rows.decimal(row, 'items', 'unit_price', 2, MAX_PRICE),
        unit_type: this.rows.optionalText(row, 'items', 'unit_type', 20) ?? 'piece',
        tax_rate: this.rows.decimal(row, 'items', 'tax_rate', 2, MAX_RATE),
        discount_rate: this.rows.decimal(row, 'items', 'discount_rate', 2, MAX_RATE),
        ...this.rows.authorshipOf(row, 'items'),
      });
    }
    for (const id of this.rows.old.danglingReferences('stock_entries', 'item_id', 'items').filter(isId)) {
      this.addMissingItem(id, 'is in stock');
    }
    for (const id of this.carts.missingItemIds()) {
      if (!this.rows.isKnown('items', id)) this.addMissingItem(id, 'is in a cart');
    }
  }

  private addMissingItem(id: number, reason: string): number {
    const name = `Missing item ${id}`;
    this.rows.insert('items', {
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
      ...this.rows.unknownAuthorship(),
    });
    this.rows.note('items', id, `was missing but ${reason}: added as ${display(name)}`);
    return id;
  }

  private importStockEntries(): void {
    for (const row of this.rows.old.rows('stock_entries')) {
      const { item_id } = row;
      this.rows.insert('stock_entries', {
        id: row.id,
        item_id: this.rows.isKnown('items', item_id)
          ? item_id
          : this.addMissingItem(this.rows.nextId('items'), 'is in stock'),
        quantity: this.rows.decimal(row, 'stock_entries', 'quantity', 3, MAX_IN_STOCK),
        ...this.rows.authorshipOf(row, 'stock_entries'),
      });
    }
  }

  private importSortOrders(): void {
    const columns = [this.rows.old.columns('categories'), columnsOf(this.rows.database, 'categories')];
    if (!columns.every((names) => names.includes('sort_order'))) return;
    const update = this.rows.database.prepare('update categories set sort_order = ? where id = ?');
    for (const row of this.rows.old.rows('categories')) {
      const sortOrder = this.rows.wholeNumber(row, 'categories', 'sort_order', MAX_ID);
      if (sortOrder !== 0) update.run(sortOrder, row.id);
    }
  }

  /** Ids of deleted rows must not be used again. A session has the id of its old refresh token. */
  private continueSequences(): void {
    const read = this.rows.database.prepare('select seq from sqlite_sequence where name = ?').pluck();
    const remove = this.rows.database.prepare('delete from sqlite_sequence where name = ?');
    const write = this.rows.database.prepare('insert into sqlite_sequence (name, seq) values (?, ?)');
    for (const table of this.tables) {
      const target = table === 'refresh_tokens' ? 'sessions' : table;
      const last = Math.max(this.rows.old.lastIds.get(table) ?? 0, Number(read.get(target) ?? 0));
      remove.run(target);
      write.run(target, last);
    }
  }

  private noteSkippedData(): void {
    for (const table of this.rows.old.names.filter((name) => !this.tables.includes(name))) {
      this.rows.decisions.push(
        `${table}: this version has no such table; its ${this.rows.old.count(table)} rows are only kept in the copy`,
      );
    }
    for (const table of this.tables) {
      const known = [...(FIRST_VERSION_TABLES[table] ?? []), ...columnsOf(this.rows.database, table)];
      for (const column of this.rows.old.columns(table).filter((name) => !known.includes(name))) {
        this.rows.decisions.push(
          `${table}: this version has no column ${column}; it is only kept in the copy`,
        );
      }
    }
  }

  private emailOf(row: FirstVersionRow, notesChange = false): string {
    const text = readText(row.email) ?? '';
    const valid = toEmail(text);
    if (valid !== undefined) return valid;
    const email = truncate(normalizeEmail(normalizeLine(text)), MAX_EMAIL_LENGTH) || `user_${row.id}`;
    if (notesChange) {
      this.rows.note(
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
    if (notesChange && username !== text) this.rows.changed(row, 'users', 'username', username);
    return username;
  }

  private hashOf(row: FirstVersionRow): string {
    if (isBcryptHash(row.hashed_password)) return markTruncated(row.hashed_password);
    this.rows.note('users', row.id, 'has no bcrypt password hash: an admin must set a new password');
    return NO_PASSWORD;
  }

  private roleOf(row: FirstVersionRow): string {
    const role = Object.values<unknown>(Role).includes(row.role) ? (row.role as Role) : Role.Employee;
    if (role !== row.role) this.rows.changed(row, 'users', 'role', role);
    return role;
  }

  private stateOf(
    row: FirstVersionRow,
    updatedAt: string,
  ): { is_active: number; is_deleted: number; deleted_at: string | null } {
    const isDeleted = Boolean(row.is_deleted);
    const isActive = Boolean(row.is_active) && !isDeleted;
    if (isActive !== Boolean(row.is_active)) this.rows.changed(row, 'users', 'is_active', 0);
    const given = readTimestamp(row.deleted_at);
    const deleted_at = isDeleted ? (given ?? updatedAt) : null;
    if (deleted_at !== (given ?? null)) this.rows.changed(row, 'users', 'deleted_at', deleted_at);
    return { is_active: Number(isActive), is_deleted: Number(isDeleted), deleted_at };
  }

  private nameOf(
    row: FirstVersionRow,
    table: string,
    what: string,
    max: number,
    notesChange = false,
  ): string {
    const name = this.rows.optionalText(row, table, 'name', max, notesChange);
    if (name !== null) return name;
    const made = `${what} ${row.id}`;
    if (notesChange) this.rows.changed(row, table, 'name', made);
    return made;
  }

  private imageUrlOf(row: FirstVersionRow): string | null {
    const text = readText(row.image_url);
    if (text === undefined || text.trim() === '') return null;
    const url = toWebAddress(text);
    if (url !== undefined && lengthWithin(url, MAX_URL) <= MAX_URL) return url;
    this.rows.changed(row, 'items', 'image_url', null);
    return null;
  }

  private description(row: FirstVersionRow, table: string, max: number): string | null {
    const text = readText(row.description);
    return text === undefined
      ? null
      : this.rows.truncate(normalizeText(text), row, table, 'description', max);
  }

  private categoryOf(row: FirstVersionRow): number {
    const { category_id } = row;
    if (this.rows.isKnown('categories', category_id)) return category_id;
    const unknown = this.unknownCategory();
    this.rows.changed(row, 'items', 'category_id', unknown);
    return unknown;
  }

  /** The category of items that name none. */
  private unknownCategory(): number {
    return (this.unknownCategoryId ??= this.addMissingCategory(this.rows.nextId('categories')));
  }
}
