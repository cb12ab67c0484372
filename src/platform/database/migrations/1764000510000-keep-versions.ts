import type { MigrationInterface, QueryRunner } from 'typeorm';
import { dialectOf } from './dialect.js';

/** Each table, and the columns whose change is a new version where not every column's is: a login token's counter is none. */
const TABLES = [
  ['categories', ''],
  ['items', ''],
  ['stock_entries', ''],
  [
    'users',
    'of email, username, full_name, hashed_password, role, is_active, is_deleted, deleted_at, updated_at',
  ],
] as const;

const TRIGGERS = ['insert_version', 'update_version', 'insert_changes', 'update_changes', 'delete_changes'];

/**
 * Versions, from which answers get their ETags. Triggers keep them, so that no statement can forget to.
 *
 * A row's version grows with each change and is never below the time of the change in milliseconds. So no version comes
 * again for an id, whether the row is made anew or the database is restored from a backup. Statements set it themselves,
 * to learn it from their `returning`; the trigger does it for those that don't.
 *
 * A table's version is the number of its changes beside the time of the last one, in `collection_versions`; the number of
 * its rows is kept there as well, as no engine tells it without counting. A transaction counts in a row that no other one
 * has locked, or in a new one: so writers never wait for each other here, and can't deadlock. In every snapshot the sum is
 * of just the changes that are seen in it. SQLite has one writer, and needs one row.
 */
export class KeepVersions1764000510000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      create table "collection_versions" (
        "id" ${dialectOf(queryRunner).primaryKey},
        "collection" varchar(50) not null,
        "changes" bigint not null,
        "changed_at" bigint not null,
        "row_count" bigint not null
      )`);
    for (const [table] of TABLES) {
      await queryRunner.query(`alter table "${table}" add column "version" bigint not null default 0`);
      await queryRunner.query(`
        insert into collection_versions (collection, changes, changed_at, row_count)
        select '${table}', 0, 0, count(*) from "${table}"`);
    }
    await (queryRunner.dataSource.options.type === 'postgres' ? upOnPostgres : upOnSqlite)(queryRunner);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    const isPostgres = queryRunner.dataSource.options.type === 'postgres';
    for (const [table] of TABLES) {
      for (const trigger of TRIGGERS) {
        await queryRunner.query(`drop trigger "tr_${table}_${trigger}"${isPostgres ? ` on "${table}"` : ''}`);
      }
      await queryRunner.query(`alter table "${table}" drop column "version"`);
    }
    if (isPostgres) {
      await queryRunner.query('drop function next_row_version()');
      await queryRunner.query('drop function count_change()');
    }
    await queryRunner.query('drop table "collection_versions"');
  }
}

async function upOnPostgres(queryRunner: QueryRunner): Promise<void> {
  const now = '(extract(epoch from clock_timestamp()) * 1000)::bigint';
  await queryRunner.query(`
    create function next_row_version() returns trigger language plpgsql as $$
    begin
      new.version := greatest(new.version + 1, ${now});
      return new;
    end $$`);
  await queryRunner.query(`
    create function count_change() returns trigger language plpgsql as $$
    declare
      free integer;
      added bigint := 0;
    begin
      if tg_op = 'INSERT' then
        select count(*) into added from changed;
      elsif tg_op = 'DELETE' then
        select -count(*) into added from changed;
      end if;
      select id into free from collection_versions
        where collection = tg_table_name order by id limit 1 for update skip locked;
      if found then
        update collection_versions
          set changes = changes + 1, changed_at = greatest(changed_at, ${now}), row_count = row_count + added
          where id = free;
      else
        insert into collection_versions (collection, changes, changed_at, row_count)
          values (tg_table_name, 1, ${now}, added);
      end if;
      return null;
    end $$`);
  for (const [table, columns] of TABLES) {
    await queryRunner.query(`
      create trigger "tr_${table}_insert_version" before insert on "${table}" for each row
      when (new.version = 0) execute function next_row_version()`);
    await queryRunner.query(`
      create trigger "tr_${table}_update_version" before update ${columns} on "${table}" for each row
      when (new.version = old.version) execute function next_row_version()`);
    const events = [
      ['insert', 'insert', 'referencing new table as changed'],
      ['update', `update ${columns}`, ''],
      ['delete', 'delete', 'referencing old table as changed'],
    ];
    for (const [name, event, rows] of events) {
      await queryRunner.query(`
        create trigger "tr_${table}_${name}_changes" after ${event} on "${table}" ${rows}
        for each statement execute function count_change()`);
    }
  }
}

async function upOnSqlite(queryRunner: QueryRunner): Promise<void> {
  const now = `cast(unixepoch('subsec') * 1000 as integer)`;
  for (const [table, columns] of TABLES) {
    const nextVersion = `update "${table}" set version = max(version + 1, ${now}) where id = new.id`;
    await queryRunner.query(`
      create trigger "tr_${table}_insert_version" after insert on "${table}" when new.version = 0 begin
        ${nextVersion};
      end`);
    await queryRunner.query(`
      create trigger "tr_${table}_update_version" after update ${columns} on "${table}"
      when new.version = old.version begin
        ${nextVersion};
      end`);
    const events = [
      ['insert', 'insert', '+ 1'],
      ['update', `update ${columns}`, '+ 0'],
      ['delete', 'delete', '- 1'],
    ];
    for (const [name, event, added] of events) {
      await queryRunner.query(`
        create trigger "tr_${table}_${name}_changes" after ${event} on "${table}" begin
          update collection_versions
          set changes = changes + 1, changed_at = max(changed_at, ${now}), row_count = row_count ${added}
          where collection = '${table}';
        end`);
    }
  }
}
