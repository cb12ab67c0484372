import type { QueryRunner } from 'typeorm';

/**
 * For migrations, as frozen as they are: keeps versions of a table, from which its rows and lists get their entity tags. Triggers do it, so that no
 * statement can forget to.
 *
 * - Each row gets a column `version`, which grows with each change and is never below the time of the change in milliseconds.
 * - `collection_versions` counts the changes and the rows of the table.
 *
 * A list of the table may then be remembered: see `@ConditionalList`.
 *
 * @param columns whose change is a new version; all unless they are given
 */
export async function addVersionCounters(
  queryRunner: QueryRunner,
  table: string,
  columns: readonly string[] = [],
): Promise<void> {
  await queryRunner.query(`alter table "${table}" add column "version" bigint not null default 0`);
  await queryRunner.query(`
    insert into collection_versions (collection, changes, changed_at, row_count)
    select '${table}', 0, 0, count(*) from "${table}"`);
  const update = columns.length > 0 ? `update of ${columns.join(', ')}` : 'update';
  const add = isPostgres(queryRunner) ? addOnPostgres : addOnSqlite;
  await add(queryRunner, table, update);
}

/** Undoes {@link addVersionCounters}. */
export async function dropVersionCounters(queryRunner: QueryRunner, table: string): Promise<void> {
  for (const trigger of TRIGGERS) {
    const on = isPostgres(queryRunner) ? ` on "${table}"` : '';
    await queryRunner.query(`drop trigger "tr_${table}_${trigger}"${on}`);
  }
  await queryRunner.query(`delete from collection_versions where collection = '${table}'`);
  await queryRunner.query(`alter table "${table}" drop column "version"`);
}

const TRIGGERS = ['insert_version', 'update_version', 'insert_changes', 'update_changes', 'delete_changes'];

/** The functions come from the migration KeepVersions1764000510000. */
async function addOnPostgres(queryRunner: QueryRunner, table: string, update: string): Promise<void> {
  await queryRunner.query(`
    create trigger "tr_${table}_insert_version" before insert on "${table}" for each row
    when (new.version = 0) execute function next_row_version()`);
  await queryRunner.query(`
    create trigger "tr_${table}_update_version" before ${update} on "${table}" for each row
    when (new.version = old.version) execute function next_row_version()`);
  const events = [
    ['insert', 'insert', 'referencing new table as changed'],
    ['update', update, ''],
    ['delete', 'delete', 'referencing old table as changed'],
  ];
  for (const [name, event, rows] of events) {
    await queryRunner.query(`
      create trigger "tr_${table}_${name}_changes" after ${event} on "${table}" ${rows}
      for each statement execute function count_change()`);
  }
}

async function addOnSqlite(queryRunner: QueryRunner, table: string, update: string): Promise<void> {
  const now = `cast(unixepoch('subsec') * 1000 as integer)`;
  const setNextVersion = `update "${table}" set version = max(version + 1, ${now}) where id = new.id`;
  await queryRunner.query(`
    create trigger "tr_${table}_insert_version" after insert on "${table}" when new.version = 0 begin
      ${setNextVersion};
    end`);
  await queryRunner.query(`
    create trigger "tr_${table}_update_version" after ${update} on "${table}"
    when new.version = old.version begin
      ${setNextVersion};
    end`);
  const events = [
    ['insert', 'insert', '+ 1'],
    ['update', update, '+ 0'],
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

function isPostgres({ dataSource }: QueryRunner): boolean {
  return dataSource.options.type === 'postgres';
}
