import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Counts the requests of busy addresses where all replicas see them. */
export class CountRequests1764000400000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      create table "request_counts" (
        "address_hash" varchar(64) not null,
        "window_start" bigint not null,
        "requests" integer not null,
        constraint "pk_request_counts" primary key ("address_hash")
      )`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('drop table "request_counts"');
  }
}
