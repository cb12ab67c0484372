import type { Dialect, Read, TextColumn } from './dialect.js';
import { FixedFragment, identifier, sql, type SqlFragment } from './sql.js';

/** Rows that are sorted after the index has found them. With more of them, reading all rows in order takes less time. */
const MAX_SORTED = 1_000;

/** SQLite has one writer: whoever has begun a transaction has all rows to itself, and locks nothing more. */
export const sqliteDialect: Dialect = {
  engine: 'sqlite',
  placeholder: () => '?',
  forUpdate: sql``,
  forShare: sql``,
  forUpdateSkipLocked: sql``,
  useIndex: (name) => sql`indexed by ${identifier(name)}`,
  withoutIndex: sql`not indexed`,
  nextId,
  nextIds: (table, count) => sql`
    with recursive ids (id, place) as (
      select ${nextId(table)}, 1 union all select id + 1, place + 1 from ids where place < ${count}
    )
    select id from ids`,
  rowsOf: (alias, columns, rows) => {
    const values = Object.keys(columns).map((name) => `json_extract(value, '$."${name}"') as "${name}"`);
    return new FixedFragment(
      [`(select ${values.join(', ')} from json_each(`, `)) as "${alias}"`],
      [JSON.stringify(rows)],
    );
  },
  touch: (table) => sql`update collection_versions set changes = changes + 1 where collection = ${table}`,
  writersOf: () => undefined,
  contains,
};

/** Never the id of a deleted row: `sqlite_sequence` has the highest one that there ever was. */
function nextId(table: string): SqlFragment {
  const highest = sql`coalesce((select max(id) from ${identifier(table)}), 0)`;
  const highestEver = sql`coalesce((select seq from sqlite_sequence where name = ${table}), 0)`;
  return sql`(select max(${highest}, ${highestEver}) + 1)`;
}

/**
 * SQLite does not know how common a text is, so the index is asked first. It has no text shorter than a trigram: such a
 * text is looked for in every row.
 */
async function contains({ name, indexTable }: TextColumn, text: string, read: Read): Promise<SqlFragment> {
  const column = identifier(name);
  const isContained = sql`instr(${column}, ${text}) > 0`;
  if ([...text].length < 3) return isContained;
  const pattern = `*${text.replace(/[*?[]/g, '[$&]')}*`;
  const found = await read<{ rowid: number }>(sql`
    select rowid from ${identifier(indexTable)} where ${column} glob ${pattern} limit ${MAX_SORTED + 1}`);
  if (found.length > MAX_SORTED) return isContained;
  const ids = JSON.stringify(found.map(({ rowid }) => rowid));
  return sql`id in (select value from json_each(${ids})) and ${isContained}`;
}
