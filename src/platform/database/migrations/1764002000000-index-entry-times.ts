import type { MigrationInterface, QueryRunner } from 'typeorm';

/** For the stock as of an earlier time: where each stock entry began, and where it ended, by item. */
export class IndexEntryTimes1764002000000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      create index "ix_stock_movements_entries" on "stock_movements" ("reason", "item_id", "stock_entry_id", "occurred_at")
      where (reason = 'initial' or reason = 'removal') and reverses_id is null`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('drop index "ix_stock_movements_entries"');
  }
}
