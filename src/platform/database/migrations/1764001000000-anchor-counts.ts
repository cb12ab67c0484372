import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * What a movement says was there (`counted_quantity`), which late movement it makes up for (`compensates_id`), and which
 * version of the hash covers it. Rows from before keep the first version, and stay as they are.
 *
 * The index has the movements of an item that state a quantity, by when they happened. What a late movement is compensated
 * at is looked up in it, and a small ledger and a large one take the same time.
 */
export class AnchorCounts1764001000000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(
      `alter table "stock_movements" add column "hash_version" smallint not null default 1`,
    );
    await queryRunner.query(`
      alter table "stock_movements" add column "counted_quantity" bigint
        CONSTRAINT "ck_stock_movements_counted_quantity" CHECK (counted_quantity >= 0)`);
    await queryRunner.query(`alter table "stock_movements" add column "compensates_id" integer`);
    await queryRunner.query(`
      create unique index "uq_stock_movements_compensates" on "stock_movements" ("compensates_id")
      where compensates_id is not null`);
    await queryRunner.query(`
      create index "ix_stock_movements_anchors" on "stock_movements" ("item_id", "occurred_at", "id")
      where counted_quantity is not null
        or (hash_version = 1 and reverses_id is null and reason in ('initial', 'count', 'removal'))`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    for (const index of ['ix_stock_movements_anchors', 'uq_stock_movements_compensates']) {
      await queryRunner.query(`drop index "${index}"`);
    }
    for (const column of ['compensates_id', 'counted_quantity', 'hash_version']) {
      await queryRunner.query(`alter table "stock_movements" drop column "${column}"`);
    }
  }
}
