import type { Dialect } from './dialect.js';
import { identifier, sql, SqlFragment } from './sql.js';

export const postgresDialect: Dialect = {
  engine: 'postgres',
  placeholder: (position) => `$${position}`,
  forUpdate: sql`for update`,
  forShare: sql`for share`,
  forUpdateSkipLocked: sql`for update skip locked`,
  // The planner knows what the tables hold.
  useIndex: () => sql``,
  withoutIndex: sql``,
  nextId,
  // The transaction gets its number before its rows get theirs, so that `transactionBounds` says whether ids are still to come.
  nextIds: (table, count) => sql`
    select ${nextId(table)}::integer as id from generate_series(1, ${count})
    where pg_current_xact_id() is not null order by id`,
  transactionBounds: sql`
    select pg_snapshot_xmin(pg_current_snapshot())::text::bigint as oldest,
      pg_snapshot_xmax(pg_current_snapshot())::text::bigint as next`,
  // The table's trigger counts a change, and the statement takes the lock that `lockTable` waits for.
  touch: (table) => sql`update ${identifier(table)} set id = id where false`,
  lockTable: (table) => sql`lock table ${identifier(table)} in share mode`,
  // The planner knows which texts are so common that the index does not help.
  contains: ({ name }, text) =>
    Promise.resolve(sql`${identifier(name)} like ${`%${text.replace(/[\\%_]/g, '\\$&')}%`}`),
};

/** PostgreSQL gives this name to the sequence of a `serial` column. */
function nextId(table: string): SqlFragment {
  return new SqlFragment([`nextval('${table}_id_seq')`], []);
}
