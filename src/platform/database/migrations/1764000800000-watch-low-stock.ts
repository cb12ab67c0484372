import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Of which quantity on an item is low in stock, and how much of it is then ordered. The index has just the items that are
 * watched: few of many, so that finding those which are low reads no others.
 */
export class WatchLowStock1764000800000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      alter table "items" add column "low_stock_threshold" bigint
        CONSTRAINT "ck_items_low_stock_threshold" CHECK (low_stock_threshold >= 0)`);
    await queryRunner.query(`
      alter table "items" add column "reorder_quantity" bigint
        CONSTRAINT "ck_items_reorder_quantity" CHECK (reorder_quantity > 0)`);
    await queryRunner.query(`
      create index "ix_items_low_stock_threshold" on "items" ("low_stock_threshold", "id")
      where low_stock_threshold is not null`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('drop index "ix_items_low_stock_threshold"');
    await queryRunner.query('alter table "items" drop column "reorder_quantity"');
    await queryRunner.query('alter table "items" drop column "low_stock_threshold"');
  }
}
