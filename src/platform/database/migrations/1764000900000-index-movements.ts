import type { MigrationInterface, QueryRunner } from 'typeorm';

const BEFORE = {
  ix_stock_movements_occurred_at: '(occurred_at, id)',
  ix_stock_movements_created_by: '(created_by, id)',
};

const AFTER = {
  ix_stock_movements_occurred_at: '(occurred_at, id, reason, created_by)',
  ix_stock_movements_created_by: '(created_by, id, reason)',
  ix_stock_movements_item_occurred_at:
    '(item_id, occurred_at, id, stock_entry_id, delta, reason, created_by)',
  ix_stock_movements_reference: '(reference, id) where reference is not null',
};

/**
 * Indexes that hold all that the ledger is filtered, sorted, counted and summed up by: of a million movements only those
 * of the page are then looked up.
 */
export class IndexMovements1764000900000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await replace(queryRunner, BEFORE, AFTER);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await replace(queryRunner, AFTER, BEFORE);
  }
}

async function replace(
  queryRunner: QueryRunner,
  old: Record<string, string>,
  other: Record<string, string>,
): Promise<void> {
  for (const name of Object.keys(old)) await queryRunner.query(`drop index "${name}"`);
  for (const [name, definition] of Object.entries(other)) {
    await queryRunner.query(`create index "${name}" on "stock_movements" ${definition}`);
  }
}
