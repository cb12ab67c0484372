import type { MigrationInterface, QueryRunner } from 'typeorm';
import { dialectOf } from './dialect.js';

const INDEXES = [
  ['uq_daily_accounts_account_date', 'daily_accounts', 'account_date', 'unique'],
  ['uq_daily_account_payments_method', 'daily_account_payments', 'account_id, method', 'unique'],
  ['ix_daily_account_items_account', 'daily_account_items', 'account_id, id', ''],
  ['ix_daily_account_items_item', 'daily_account_items', 'item_id, account_id', ''],
  ['uq_daily_account_events_sequence', 'daily_account_events', 'sequence', 'unique'],
  ['ix_daily_account_events_account', 'daily_account_events', 'account_id, id', ''],
] as const;

/**
 * Closed days: their sums, what was sold, how it was paid, and every closing and reopening. Events are never changed or deleted:
 * each closing covers the one before it by a hash.
 */
export class CloseDays1764001600000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await createTables(queryRunner);
    for (const [name, table, columns, unique] of INDEXES) {
      await queryRunner.query(`create ${unique} index "${name}" on "${table}" (${columns})`);
    }
    await (queryRunner.dataSource.options.type === 'postgres' ? closeOnPostgres : closeOnSqlite)(queryRunner);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    const tables = [
      'daily_account_events',
      'daily_account_items',
      'daily_account_payments',
      'daily_accounts',
    ];
    for (const table of tables) await queryRunner.query(`drop table "${table}"`);
    if (queryRunner.dataSource.options.type === 'postgres') {
      await queryRunner.query('drop function refuse_event_change()');
    }
  }
}

async function createTables(queryRunner: QueryRunner): Promise<void> {
  const { primaryKey, binaryOrder } = dialectOf(queryRunner);
  const timestamp = `varchar(24) ${binaryOrder}`;
  await queryRunner.query(`
    create table "daily_accounts" (
      "id" ${primaryKey},
      "account_date" varchar(10) ${binaryOrder} not null,
      "sequence" integer not null,
      "subtotal" bigint not null,
      "discount_total" bigint not null,
      "tax_total" bigint not null,
      "total" bigint not null,
      "refund_total" bigint not null,
      "carts_count" integer not null,
      "items_count" integer not null,
      "open_carts" integer not null,
      "opening_float" bigint,
      "counted_cash" bigint,
      "cash_difference" bigint,
      "is_closed" boolean not null,
      "closed_at" ${timestamp} not null,
      "closed_by" integer not null,
      "ledger_head_id" integer,
      "ledger_head" varchar(64),
      "hash" varchar(64) not null,
      "adopted_at" ${timestamp},
      "created_by" integer not null,
      "updated_by" integer not null,
      "created_at" ${timestamp} not null,
      "updated_at" ${timestamp} not null,
      CONSTRAINT "fk_daily_accounts_closed_by" FOREIGN KEY ("closed_by") REFERENCES "users" ("id") ON DELETE RESTRICT,
      CONSTRAINT "fk_daily_accounts_created_by" FOREIGN KEY ("created_by") REFERENCES "users" ("id") ON DELETE RESTRICT,
      CONSTRAINT "fk_daily_accounts_updated_by" FOREIGN KEY ("updated_by") REFERENCES "users" ("id") ON DELETE RESTRICT)`);
  await queryRunner.query(`
    create table "daily_account_payments" (
      "id" ${primaryKey},
      "account_id" integer not null,
      "method" varchar(20) not null,
      "amount" bigint not null,
      "refunded" bigint not null default 0,
      CONSTRAINT "fk_daily_account_payments_account" FOREIGN KEY ("account_id") REFERENCES "daily_accounts" ("id") ON DELETE RESTRICT)`);
  await queryRunner.query(`
    create table "daily_account_items" (
      "id" ${primaryKey},
      "account_id" integer not null,
      "item_id" integer not null,
      "item_name" varchar(200) not null,
      "sku" varchar(50),
      "quantity" bigint not null,
      "unit_price" bigint not null,
      "discount_rate" bigint not null,
      "tax_rate" bigint not null,
      "line_subtotal" bigint not null,
      "line_discount" bigint not null,
      "line_tax" bigint not null,
      "line_total" bigint not null,
      "created_at" ${timestamp} not null,
      CONSTRAINT "fk_daily_account_items_account" FOREIGN KEY ("account_id") REFERENCES "daily_accounts" ("id") ON DELETE RESTRICT)`);
  await queryRunner.query(`
    create table "daily_account_events" (
      "id" ${primaryKey},
      "account_id" integer not null,
      "kind" varchar(10) not null,
      "sequence" integer,
      "reason" varchar(500),
      "content" text,
      "previous_hash" varchar(64),
      "hash" varchar(64),
      "created_by" integer not null,
      "created_at" ${timestamp} not null,
      CONSTRAINT "fk_daily_account_events_account" FOREIGN KEY ("account_id") REFERENCES "daily_accounts" ("id") ON DELETE RESTRICT,
      CONSTRAINT "fk_daily_account_events_created_by" FOREIGN KEY ("created_by") REFERENCES "users" ("id") ON DELETE RESTRICT,
      CONSTRAINT "ck_daily_account_events_sealed" CHECK (kind = 'opened' and sequence is null and content is null and hash is null or kind = 'closed' and sequence is not null and content is not null and hash is not null))`);
}

const REFUSED = 'Closings and reopenings are neither changed nor deleted';

async function closeOnSqlite(queryRunner: QueryRunner): Promise<void> {
  for (const change of ['update', 'delete']) {
    await queryRunner.query(`
      create trigger "tr_daily_account_events_refuse_${change}" before ${change} on "daily_account_events" begin
        select raise(abort, '${REFUSED}');
      end`);
  }
}

async function closeOnPostgres(queryRunner: QueryRunner): Promise<void> {
  await queryRunner.query(`
    create function refuse_event_change() returns trigger language plpgsql as $$
    begin
      raise exception '${REFUSED}';
    end $$`);
  for (const change of ['update', 'delete', 'truncate']) {
    await queryRunner.query(`
      create trigger "tr_daily_account_events_refuse_${change}" before ${change} on "daily_account_events"
      for each statement execute function refuse_event_change()`);
  }
}
