import type { MigrationInterface, QueryRunner } from 'typeorm';
import { dialectOf } from './dialect.js';

const INDEXES = [
  // The drafts at a desk, which the list of carts without parameters has.
  ['ix_carts_desk_number', 'carts', 'desk_number, id', 'desk_number is not null'],
  ['ix_carts_status', 'carts', 'status, id'],
  ['ix_carts_account_date', 'carts', 'account_date, id'],
  ['ix_cart_items_item', 'cart_items', 'item_id, id'],
  ['ix_cart_items_stock_entry', 'cart_items', 'stock_entry_id', 'stock_entry_id is not null'],
  ['ix_cart_payments_cart', 'cart_payments', 'cart_id, id'],
  ['ix_cart_refunds_cart', 'cart_refunds', 'cart_id, id'],
  ['ix_cart_refunds_account_date', 'cart_refunds', 'account_date, id'],
  ['ix_cart_refund_lines_refund', 'cart_refund_lines', 'refund_id, id'],
  ['ix_cart_refund_lines_cart_item', 'cart_refund_lines', 'cart_item_id, id'],
] as const;

const UNIQUE_INDEXES = [
  ['uq_carts_desk_number', 'carts', 'desk_number', `status = 'draft' and desk_number is not null`],
  ['uq_cart_items_item', 'cart_items', 'cart_id, item_id'],
] as const;

/**
 * Carts, what is in them, how they were paid and what was refunded, and the trading days to which sales belong.
 *
 * Names, prices and sums of a line are null while its cart is a draft: completing the cart freezes them. While a draft holds an
 * item, its line names the stock entry, so that the foreign key keeps the item in stock.
 */
export class SellCarts1764001500000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await createTables(queryRunner);
    for (const [name, table, columns, where] of INDEXES) {
      await queryRunner.query(`create index "${name}" on "${table}" (${columns})${condition(where)}`);
    }
    for (const [name, table, columns, where] of UNIQUE_INDEXES) {
      await queryRunner.query(`create unique index "${name}" on "${table}" (${columns})${condition(where)}`);
    }
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    const tables = [
      'cart_refund_lines',
      'cart_refunds',
      'cart_payments',
      'cart_items',
      'carts',
      'trading_days',
    ];
    for (const table of tables) await queryRunner.query(`drop table "${table}"`);
  }
}

async function createTables(queryRunner: QueryRunner): Promise<void> {
  const { primaryKey, binaryOrder } = dialectOf(queryRunner);
  const timestamp = `varchar(24) ${binaryOrder}`;
  const date = `varchar(10) ${binaryOrder}`;
  await queryRunner.query(`
    create table "trading_days" (
      "account_date" ${date} not null,
      "is_closed" boolean not null,
      CONSTRAINT "pk_trading_days" PRIMARY KEY ("account_date"))`);
  await queryRunner.query(`
    create table "carts" (
      "id" ${primaryKey},
      "desk_number" varchar(20),
      "status" varchar(10) not null,
      "account_date" ${date},
      "completed_at" ${timestamp},
      "prices_include_tax" boolean,
      "subtotal" bigint,
      "discount_total" bigint,
      "tax_total" bigint,
      "total" bigint,
      "hash" varchar(64),
      "adopted_at" ${timestamp},
      "created_by" integer not null,
      "updated_by" integer not null,
      "created_at" ${timestamp} not null,
      "updated_at" ${timestamp} not null,
      CONSTRAINT "fk_carts_created_by" FOREIGN KEY ("created_by") REFERENCES "users" ("id") ON DELETE RESTRICT,
      CONSTRAINT "fk_carts_updated_by" FOREIGN KEY ("updated_by") REFERENCES "users" ("id") ON DELETE RESTRICT,
      CONSTRAINT "ck_carts_status" CHECK (status = 'draft' or status = 'completed' or status = 'deleted'),
      CONSTRAINT "ck_carts_completed" CHECK (status <> 'completed' and hash is null or status = 'completed' and hash is not null and completed_at is not null and account_date is not null and prices_include_tax is not null and subtotal is not null and discount_total is not null and tax_total is not null and total is not null))`);
  await queryRunner.query(`
    create table "cart_items" (
      "id" ${primaryKey},
      "cart_id" integer not null,
      "item_id" integer not null,
      "stock_entry_id" integer,
      "quantity" bigint not null,
      "name" varchar(200),
      "sku" varchar(50),
      "unit_price" bigint,
      "unit_cost" bigint,
      "discount_rate" bigint,
      "tax_rate" bigint,
      "line_subtotal" bigint,
      "line_discount" bigint,
      "line_tax" bigint,
      "line_total" bigint,
      "refunded_quantity" bigint not null default 0,
      "created_by" integer not null,
      "updated_by" integer not null,
      "created_at" ${timestamp} not null,
      "updated_at" ${timestamp} not null,
      CONSTRAINT "fk_cart_items_cart" FOREIGN KEY ("cart_id") REFERENCES "carts" ("id") ON DELETE RESTRICT,
      CONSTRAINT "fk_cart_items_stock_entry" FOREIGN KEY ("stock_entry_id") REFERENCES "stock_entries" ("id") ON DELETE RESTRICT,
      CONSTRAINT "fk_cart_items_created_by" FOREIGN KEY ("created_by") REFERENCES "users" ("id") ON DELETE RESTRICT,
      CONSTRAINT "fk_cart_items_updated_by" FOREIGN KEY ("updated_by") REFERENCES "users" ("id") ON DELETE RESTRICT,
      CONSTRAINT "ck_cart_items_quantity" CHECK (quantity > 0),
      CONSTRAINT "ck_cart_items_refunded" CHECK (refunded_quantity between 0 and quantity))`);
  await queryRunner.query(`
    create table "cart_payments" (
      "id" ${primaryKey},
      "cart_id" integer not null,
      "method" varchar(20) not null,
      "amount" bigint not null,
      CONSTRAINT "fk_cart_payments_cart" FOREIGN KEY ("cart_id") REFERENCES "carts" ("id") ON DELETE RESTRICT,
      CONSTRAINT "ck_cart_payments_amount" CHECK (amount >= 0))`);
  await queryRunner.query(`
    create table "cart_refunds" (
      "id" ${primaryKey},
      "cart_id" integer not null,
      "account_date" ${date} not null,
      "reason" varchar(500),
      "method" varchar(20) not null,
      "amount" bigint not null,
      "hash" varchar(64) not null,
      "created_by" integer not null,
      "created_at" ${timestamp} not null,
      CONSTRAINT "fk_cart_refunds_cart" FOREIGN KEY ("cart_id") REFERENCES "carts" ("id") ON DELETE RESTRICT,
      CONSTRAINT "fk_cart_refunds_created_by" FOREIGN KEY ("created_by") REFERENCES "users" ("id") ON DELETE RESTRICT,
      CONSTRAINT "ck_cart_refunds_amount" CHECK (amount >= 0))`);
  await queryRunner.query(`
    create table "cart_refund_lines" (
      "id" ${primaryKey},
      "refund_id" integer not null,
      "cart_item_id" integer not null,
      "item_id" integer not null,
      "quantity" bigint not null,
      "restock" boolean not null,
      "amount" bigint not null,
      CONSTRAINT "fk_cart_refund_lines_refund" FOREIGN KEY ("refund_id") REFERENCES "cart_refunds" ("id") ON DELETE RESTRICT,
      CONSTRAINT "fk_cart_refund_lines_cart_item" FOREIGN KEY ("cart_item_id") REFERENCES "cart_items" ("id") ON DELETE RESTRICT,
      CONSTRAINT "ck_cart_refund_lines_quantity" CHECK (quantity > 0),
      CONSTRAINT "ck_cart_refund_lines_amount" CHECK (amount >= 0))`);
}

function condition(where: string | undefined): string {
  return where === undefined ? '' : ` where ${where}`;
}
