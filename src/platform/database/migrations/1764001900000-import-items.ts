import type { MigrationInterface, QueryRunner } from 'typeorm';
import { dialectOf } from './dialect.js';

/** Imports of many rows, which go on when their request has ended, on whichever replica. */
export class ImportItems1764001900000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    const { primaryKey, binaryOrder } = dialectOf(queryRunner);
    const timestamp = `varchar(24) ${binaryOrder}`;
    await queryRunner.query(`
      create table "item_imports" (
        "id" ${primaryKey},
        "status" varchar(10) not null,
        "dry_run" integer not null,
        "file" text,
        "checked_rows" integer not null,
        "written_rows" integer not null,
        "attempt" integer not null,
        "leased_until" ${timestamp},
        "result" text,
        "issues" text,
        "issue_count" integer not null,
        "error" text,
        "created_by" integer not null,
        "created_at" ${timestamp} not null,
        "finished_at" ${timestamp},
        CONSTRAINT "fk_item_imports_created_by" FOREIGN KEY ("created_by") REFERENCES "users" ("id") ON DELETE RESTRICT,
        CONSTRAINT "ck_item_imports_status" CHECK (status = 'receiving' or status = 'waiting' or status = 'running' or status = 'succeeded' or status = 'failed'))`);
    await queryRunner.query(`create index "ix_item_imports_status" on "item_imports" ("status", "id")`);
    await queryRunner.query(`create index "ix_item_imports_created_at" on "item_imports" ("created_at")`);
    await queryRunner.query(`
      create table "item_import_batches" (
        "id" ${primaryKey},
        "import_id" integer not null,
        "position" integer not null,
        "rows" text not null,
        CONSTRAINT "fk_item_import_batches_import" FOREIGN KEY ("import_id") REFERENCES "item_imports" ("id") ON DELETE CASCADE)`);
    await queryRunner.query(`
      create unique index "uq_item_import_batches_position" on "item_import_batches" ("import_id", "position")`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('drop table "item_import_batches"');
    await queryRunner.query('drop table "item_imports"');
  }
}
