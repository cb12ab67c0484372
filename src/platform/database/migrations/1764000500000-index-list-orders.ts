import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Columns that lists are sorted by. PostgreSQL is to compare them byte by byte, as SQLite does. */
const SORTED_TEXTS = [
  ['categories', 'created_at', 24],
  ['categories', 'updated_at', 24],
  ['items', 'sku', 50],
  ['items', 'created_at', 24],
  ['items', 'updated_at', 24],
  ['stock_entries', 'created_at', 24],
  ['stock_entries', 'updated_at', 24],
  ['users', 'username_key', 50],
  ['users', 'created_at', 24],
  ['users', 'updated_at', 24],
] as const;

const INDEXES = [
  ['ix_categories_created_at', 'categories', 'created_at, id'],
  ['ix_categories_updated_at', 'categories', 'updated_at, id'],
  ['ix_items_barcode', 'items', 'barcode, id'],
  ['ix_items_sku', 'items', `coalesce(sku, ''), id`],
  ['ix_items_unit_price', 'items', 'unit_price, id'],
  ['ix_items_created_at', 'items', 'created_at, id'],
  ['ix_items_updated_at', 'items', 'updated_at, id'],
  ['ix_items_category_sku', 'items', `category_id, coalesce(sku, ''), id`],
  ['ix_items_category_unit_price', 'items', 'category_id, unit_price, id'],
  ['ix_items_category_created_at', 'items', 'category_id, created_at, id'],
  ['ix_items_category_updated_at', 'items', 'category_id, updated_at, id'],
  ['ix_stock_entries_quantity', 'stock_entries', 'quantity, id'],
  ['ix_stock_entries_created_at', 'stock_entries', 'created_at, id'],
  ['ix_stock_entries_updated_at', 'stock_entries', 'updated_at, id'],
  ['ix_users_username', 'users', 'username_key, id'],
  ['ix_users_created_at', 'users', 'created_at, id'],
  ['ix_users_updated_at', 'users', 'updated_at, id'],
] as const;

/** An index for every order in which a list is offered, so that a page costs the same wherever in the list it is. */
export class IndexListOrders1764000500000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await collate(queryRunner, '"C"');
    for (const [name, table, columns] of INDEXES) {
      await queryRunner.query(`create index "${name}" on "${table}" (${columns})`);
    }
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    for (const [name] of INDEXES) await queryRunner.query(`drop index "${name}"`);
    await collate(queryRunner, '"default"');
  }
}

async function collate(queryRunner: QueryRunner, collation: string): Promise<void> {
  if (queryRunner.dataSource.options.type !== 'postgres') return;
  for (const [table, column, length] of SORTED_TEXTS) {
    await queryRunner.query(
      `alter table "${table}" alter column "${column}" type varchar(${length}) collate ${collation}`,
    );
  }
}
