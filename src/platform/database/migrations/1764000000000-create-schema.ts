import type { MigrationInterface, QueryRunner } from 'typeorm';
import { dialectOf } from './dialect.js';

/**
 * The tables of SPEC.md. Money and rates are in hundredths, quantities in thousandths, times ISO 8601 in UTC.
 *
 * Capitals, and a last check that closes with its table, are what TypeORM reads in an SQLite schema: constraints that
 * it does not see are lost when it rebuilds the table for a later migration.
 */
export class CreateSchema1764000000000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    const { primaryKey, binaryOrder } = dialectOf(queryRunner);
    const authorship = (table: string) => `
      "created_by" integer not null,
      "updated_by" integer not null,
      "created_at" varchar(24) not null,
      "updated_at" varchar(24) not null,
      CONSTRAINT "fk_${table}_created_by" FOREIGN KEY ("created_by") REFERENCES "users" ("id") ON DELETE RESTRICT,
      CONSTRAINT "fk_${table}_updated_by" FOREIGN KEY ("updated_by") REFERENCES "users" ("id") ON DELETE RESTRICT`;

    await queryRunner.query(`
      create table "users" (
        "id" ${primaryKey},
        "email" varchar(254) not null,
        "username" varchar(50) not null,
        "username_key" varchar(50) not null,
        "full_name" varchar(100),
        "hashed_password" varchar(60) not null,
        "role" varchar(12) not null,
        "is_active" boolean not null,
        "is_deleted" boolean not null,
        "deleted_at" varchar(24),
        "credentials_version" integer not null,
        "created_at" varchar(24) not null,
        "updated_at" varchar(24) not null,
        CONSTRAINT "ck_users_role" CHECK (role in ('admin', 'market_owner', 'employee')),
        CONSTRAINT "ck_users_deleted" CHECK (is_deleted = (deleted_at is not null) and not (is_deleted and is_active)))`);
    await queryRunner.query(`create unique index "uq_users_email" on "users" ("email") WHERE not is_deleted`);
    await queryRunner.query(
      `create unique index "uq_users_username" on "users" ("username_key") WHERE not is_deleted`,
    );

    await queryRunner.query(`
      create table "refresh_tokens" (
        "id" ${primaryKey},
        "user_id" integer not null,
        "token_hash" varchar(64) not null,
        "created_at" varchar(24) not null,
        "expires_at" varchar(24) not null,
        CONSTRAINT "fk_refresh_tokens_user" FOREIGN KEY ("user_id") REFERENCES "users" ("id") ON DELETE CASCADE
      )`);
    await queryRunner.query(
      `create unique index "uq_refresh_tokens_hash" on "refresh_tokens" ("token_hash")`,
    );
    await queryRunner.query(`create index "ix_refresh_tokens_user" on "refresh_tokens" ("user_id")`);
    await queryRunner.query(`create index "ix_refresh_tokens_expires_at" on "refresh_tokens" ("expires_at")`);

    await queryRunner.query(`
      create table "categories" (
        "id" ${primaryKey},
        "name" varchar(100) not null,
        "name_key" varchar(1000) ${binaryOrder} not null,
        "description" varchar(500),
        ${authorship('categories')}
      )`);
    await queryRunner.query(`create unique index "uq_categories_name" on "categories" ("name")`);
    await queryRunner.query(`create index "ix_categories_name_key" on "categories" ("name_key", "id")`);

    await queryRunner.query(`
      create table "items" (
        "id" ${primaryKey},
        "category_id" integer not null,
        "name" varchar(200) not null,
        "name_key" varchar(2000) ${binaryOrder} not null,
        "description" varchar(2000),
        "sku" varchar(50),
        "barcode" varchar(50),
        "image_url" varchar(500),
        "unit_price" bigint not null,
        "unit_type" varchar(20) not null,
        "tax_rate" bigint not null,
        "discount_rate" bigint not null,
        ${authorship('items')},
        CONSTRAINT "fk_items_category" FOREIGN KEY ("category_id") REFERENCES "categories" ("id") ON DELETE RESTRICT,
        CONSTRAINT "ck_items_unit_price" CHECK (unit_price >= 0),
        CONSTRAINT "ck_items_tax_rate" CHECK (tax_rate between 0 and 10000),
        CONSTRAINT "ck_items_discount_rate" CHECK (discount_rate between 0 and 10000))`);
    await queryRunner.query(`create unique index "uq_items_sku" on "items" ("sku")`);
    await queryRunner.query(`create index "ix_items_name_key" on "items" ("name_key", "id")`);
    await queryRunner.query(`create index "ix_items_category" on "items" ("category_id", "name_key", "id")`);

    await queryRunner.query(`
      create table "stock_entries" (
        "id" ${primaryKey},
        "item_id" integer not null,
        "quantity" bigint not null,
        ${authorship('stock_entries')},
        CONSTRAINT "fk_stock_entries_item" FOREIGN KEY ("item_id") REFERENCES "items" ("id") ON DELETE CASCADE,
        CONSTRAINT "ck_stock_entries_quantity" CHECK (quantity >= 0))`);
    await queryRunner.query(`create unique index "uq_stock_entries_item" on "stock_entries" ("item_id")`);

    await queryRunner.query(`
      create table "seedings" (
        "name" varchar(50) not null,
        "seeded_at" varchar(24) not null,
        CONSTRAINT "pk_seedings" PRIMARY KEY ("name")
      )`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    for (const table of ['seedings', 'stock_entries', 'items', 'categories', 'refresh_tokens', 'users']) {
      await queryRunner.query(`drop table "${table}"`);
    }
  }
}
