import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Counts failed logins where all replicas see them. */
export class ThrottleLogins1764000200000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      create table "login_throttles" (
        "subject_hash" varchar(64) not null,
        "failures_left" integer not null,
        "waits_until" bigint not null,
        "is_known" boolean not null,
        "expires_at" varchar(24) not null,
        constraint "pk_login_throttles" primary key ("subject_hash")
      )`);
    await queryRunner.query(
      `create index "ix_login_throttles_expires_at" on "login_throttles" ("expires_at")`,
    );
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('drop table "login_throttles"');
  }
}
