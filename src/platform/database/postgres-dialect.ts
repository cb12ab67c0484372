import type { ColumnType, Dialect } from './dialect.js';
import { FixedFragment, identifier, sql, SqlFragment } from './sql.js';

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
  nextIds: (table, count) => sql`
    select ${nextId(table)}::integer as id from generate_series(1, ${count}) order by id`,
  rowsOf: (alias, columns, rows) => {
    const types = Object.entries<ColumnType>(columns).map(([name, type]) => `"${name}" ${type}`);
    return new FixedFragment(
      ['json_to_recordset(cast(', ` as json)) as "${alias}" (${types.join(', ')})`],
      [JSON.stringify(rows)],
    );
  },
  // The table's trigger counts a change, and the statement takes the lock by which `writersOf` knows the transaction.
  touch: (table) => sql`update ${identifier(table)} set id = id where false`,
  // By their locks, and not by the oldest transaction of a snapshot: that may be of another database.
  writersOf: (table) => sql`
    select virtualtransaction as id from pg_locks
    where locktype = 'relation' and relation = ${table}::regclass and mode = 'RowExclusiveLock' and granted
      and database = (select oid from pg_database where datname = current_database())`,
  // The planner knows which texts are so common that the index does not help.
  contains: ({ name }, text) =>
    Promise.resolve(sql`${identifier(name)} like ${`%${text.replace(/[\\%_]/g, '\\$&')}%`}`),
};

/** PostgreSQL gives this name to the sequence of a `serial` column. */
function nextId(table: string): SqlFragment {
  return new SqlFragment([`nextval('${table}_id_seq')`], []);
}
