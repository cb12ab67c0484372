import type { MigrationInterface, QueryRunner } from 'typeorm';
import { dialectOf } from './dialect.js';

/**
 * A session outlives its refresh tokens when they are rotated, and keeps its id. Every token that was good so far
 * becomes a session with one token. Nothing refers to the table of tokens, so that it may be made anew.
 */
export class SeparateSessions1764000300000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      create table "sessions" (
        "id" ${dialectOf(queryRunner).primaryKey},
        "user_id" integer not null,
        "user_agent" varchar(255),
        "address" varchar(45),
        "created_at" varchar(24) not null,
        "last_used_at" varchar(24) not null,
        "expires_at" varchar(24) not null,
        CONSTRAINT "fk_sessions_user" FOREIGN KEY ("user_id") REFERENCES "users" ("id") ON DELETE CASCADE
      )`);
    await queryRunner.query(`create index "ix_sessions_user" on "sessions" ("user_id")`);
    await queryRunner.query(`create index "ix_sessions_expires_at" on "sessions" ("expires_at")`);
    await queryRunner.query(`
      insert into sessions (id, user_id, created_at, last_used_at, expires_at)
      select id, user_id, created_at, created_at, expires_at from refresh_tokens`);
    if (queryRunner.dataSource.options.type === 'postgres') {
      await queryRunner.query(
        `select setval('sessions_id_seq', (select coalesce(max(id), 0) + 1 from sessions), false)`,
      );
    }

    await queryRunner.query('alter table "refresh_tokens" rename to "former_refresh_tokens"');
    await queryRunner.query(`
      create table "refresh_tokens" (
        "token_hash" varchar(64) not null,
        "session_id" integer not null,
        "rotated_at" varchar(24),
        CONSTRAINT "pk_refresh_tokens" PRIMARY KEY ("token_hash"),
        CONSTRAINT "fk_refresh_tokens_session" FOREIGN KEY ("session_id") REFERENCES "sessions" ("id") ON DELETE CASCADE
      )`);
    await queryRunner.query(`create index "ix_refresh_tokens_session" on "refresh_tokens" ("session_id")`);
    await queryRunner.query(`
      insert into refresh_tokens (token_hash, session_id) select token_hash, id from former_refresh_tokens`);
    await queryRunner.query('drop table "former_refresh_tokens"');
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('alter table "refresh_tokens" rename to "rotated_refresh_tokens"');
    await queryRunner.query(`
      create table "refresh_tokens" (
        "id" ${dialectOf(queryRunner).primaryKey},
        "user_id" integer not null,
        "token_hash" varchar(64) not null,
        "created_at" varchar(24) not null,
        "expires_at" varchar(24) not null,
        CONSTRAINT "fk_refresh_tokens_user" FOREIGN KEY ("user_id") REFERENCES "users" ("id") ON DELETE CASCADE
      )`);
    await queryRunner.query(
      `create unique index "uq_refresh_tokens_hash" on "refresh_tokens" ("token_hash")`,
    );
    await queryRunner.query(`create index "ix_refresh_tokens_user" on "refresh_tokens" ("user_id")`);
    await queryRunner.query(`create index "ix_refresh_tokens_expires_at" on "refresh_tokens" ("expires_at")`);
    await queryRunner.query(`
      insert into refresh_tokens (user_id, token_hash, created_at, expires_at)
      select user_id, token_hash, created_at, expires_at
      from sessions join rotated_refresh_tokens on session_id = sessions.id
      where rotated_at is null`);
    await queryRunner.query('drop table "rotated_refresh_tokens"');
    await queryRunner.query('drop table "sessions"');
  }
}
