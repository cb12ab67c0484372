import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Lets a shop say in which order its categories are listed. */
export class SortCategories1764001200000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      alter table "categories" add column "sort_order" integer not null default 0
        CONSTRAINT "ck_categories_sort_order" CHECK (sort_order >= 0)`);
    await queryRunner.query(
      'create index "ix_categories_sort_order" on "categories" ("sort_order", "name_key", "id")',
    );
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('drop index "ix_categories_sort_order"');
    await queryRunner.query('alter table "categories" drop column "sort_order"');
  }
}
