import type { MigrationInterface, QueryRunner } from 'typeorm';
import { dialectOf } from './dialect.js';
import { addVersionCounters, dropVersionCounters } from './version-counters.js';

const INDEXES = [
  ['ix_stocktakes_status', 'stocktakes', 'status, id', ''],
  ['uq_stocktake_assignees_user', 'stocktake_assignees', 'user_id, stocktake_id', 'unique'],
  ['ix_stocktake_assignees_stocktake', 'stocktake_assignees', 'stocktake_id, user_id', ''],
  ['uq_stocktake_items_item', 'stocktake_items', 'stocktake_id, item_id', 'unique'],
  [
    'uq_stocktake_counts_repeat',
    'stocktake_counts',
    'stocktake_item_id, counted_at, counted_by, quantity',
    'unique',
  ],
  ['ix_tasks_stocktake', 'tasks', 'stocktake_id, id', ''],
] as const;

/** What is counted is fixed when a stocktake is made. Each item has the count that counts, and all counts are kept beside it. */
export class CountStocktakes1764001800000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await createTables(queryRunner);
    await queryRunner.query('alter table "tasks" add column "stocktake_id" integer');
    for (const [name, table, columns, unique] of INDEXES) {
      await queryRunner.query(`create ${unique} index "${name}" on "${table}" (${columns})`);
    }
    // To count them without reading the rows.
    await queryRunner.query(
      'create index "ix_stocktake_items_counted" on "stocktake_items" (stocktake_id) where counted_at is not null',
    );
    await addVersionCounters(queryRunner, 'stocktakes');
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('drop index "ix_tasks_stocktake"');
    await queryRunner.query('alter table "tasks" drop column "stocktake_id"');
    await dropVersionCounters(queryRunner, 'stocktakes');
    for (const table of ['stocktake_counts', 'stocktake_items', 'stocktake_assignees', 'stocktakes']) {
      await queryRunner.query(`drop table "${table}"`);
    }
  }
}

async function createTables(queryRunner: QueryRunner): Promise<void> {
  const { primaryKey, binaryOrder } = dialectOf(queryRunner);
  const timestamp = `varchar(24) ${binaryOrder}`;
  await queryRunner.query(`
    create table "stocktakes" (
      "id" ${primaryKey},
      "name" varchar(100) not null,
      "status" varchar(9) not null,
      "category_id" integer,
      "due_at" ${timestamp},
      "items_count" integer not null,
      "uncounted" varchar(4),
      "approved_by" integer,
      "approved_at" ${timestamp},
      "cancelled_by" integer,
      "cancelled_at" ${timestamp},
      "created_by" integer not null,
      "updated_by" integer not null,
      "created_at" ${timestamp} not null,
      "updated_at" ${timestamp} not null,
      CONSTRAINT "fk_stocktakes_category" FOREIGN KEY ("category_id") REFERENCES "categories" ("id") ON DELETE SET NULL,
      CONSTRAINT "fk_stocktakes_approved_by" FOREIGN KEY ("approved_by") REFERENCES "users" ("id") ON DELETE RESTRICT,
      CONSTRAINT "fk_stocktakes_cancelled_by" FOREIGN KEY ("cancelled_by") REFERENCES "users" ("id") ON DELETE RESTRICT,
      CONSTRAINT "fk_stocktakes_created_by" FOREIGN KEY ("created_by") REFERENCES "users" ("id") ON DELETE RESTRICT,
      CONSTRAINT "fk_stocktakes_updated_by" FOREIGN KEY ("updated_by") REFERENCES "users" ("id") ON DELETE RESTRICT,
      CONSTRAINT "ck_stocktakes_status" CHECK (status = 'open' and approved_at is null and cancelled_at is null or status = 'approving' and approved_at is not null and cancelled_at is null or status = 'approved' and approved_at is not null and cancelled_at is null or status = 'cancelled' and approved_at is null and cancelled_at is not null))`);
  await queryRunner.query(`
    create table "stocktake_assignees" (
      "id" ${primaryKey},
      "stocktake_id" integer not null,
      "user_id" integer not null,
      CONSTRAINT "fk_stocktake_assignees_stocktake" FOREIGN KEY ("stocktake_id") REFERENCES "stocktakes" ("id") ON DELETE CASCADE,
      CONSTRAINT "fk_stocktake_assignees_user" FOREIGN KEY ("user_id") REFERENCES "users" ("id") ON DELETE RESTRICT)`);
  await queryRunner.query(`
    create table "stocktake_items" (
      "id" ${primaryKey},
      "stocktake_id" integer not null,
      "item_id" integer not null,
      "quantity" bigint,
      "counted_at" ${timestamp},
      "counted_by" integer,
      "movement_id" integer,
      "refused_because" varchar(40),
      CONSTRAINT "fk_stocktake_items_stocktake" FOREIGN KEY ("stocktake_id") REFERENCES "stocktakes" ("id") ON DELETE CASCADE,
      CONSTRAINT "fk_stocktake_items_counted_by" FOREIGN KEY ("counted_by") REFERENCES "users" ("id") ON DELETE RESTRICT,
      CONSTRAINT "fk_stocktake_items_movement" FOREIGN KEY ("movement_id") REFERENCES "stock_movements" ("id") ON DELETE RESTRICT)`);
  await queryRunner.query(`
    create table "stocktake_counts" (
      "id" ${primaryKey},
      "stocktake_item_id" integer not null,
      "quantity" bigint not null,
      "counted_at" ${timestamp} not null,
      "counted_by" integer not null,
      "recorded_at" ${timestamp} not null,
      CONSTRAINT "fk_stocktake_counts_item" FOREIGN KEY ("stocktake_item_id") REFERENCES "stocktake_items" ("id") ON DELETE CASCADE,
      CONSTRAINT "fk_stocktake_counts_counted_by" FOREIGN KEY ("counted_by") REFERENCES "users" ("id") ON DELETE RESTRICT)`);
}
