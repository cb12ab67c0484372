import type { MigrationInterface, QueryRunner } from 'typeorm';
import { dialectOf } from './dialect.js';

/** Keeps what requests with an `Idempotency-Key` were answered, for those that are sent again. */
export class KeepAnswers1764000700000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    const { primaryKey, binaryOrder } = dialectOf(queryRunner);
    await queryRunner.query(`
      create table "idempotency_keys" (
        "id" ${primaryKey},
        "user_id" integer not null,
        "key" varchar(255) not null,
        "fingerprint" varchar(64) not null,
        "status" integer not null,
        "body" text,
        "etag" varchar(100),
        "created_at" varchar(24) ${binaryOrder} not null,
        CONSTRAINT "fk_idempotency_keys_user" FOREIGN KEY ("user_id") REFERENCES "users" ("id") ON DELETE RESTRICT
      )`);
    await queryRunner.query(
      `create unique index "uq_idempotency_keys_user_key" on "idempotency_keys" ("user_id", "key")`,
    );
    await queryRunner.query(
      `create index "ix_idempotency_keys_created_at" on "idempotency_keys" ("created_at")`,
    );
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('drop table "idempotency_keys"');
  }
}
