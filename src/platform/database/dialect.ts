import type { FixedFragment, SqlFragment } from './sql.js';

export type EngineName = 'sqlite' | 'postgres';

/** What the two engines spell differently, as pieces of SQL that go into a statement. */
export interface Dialect {
  readonly engine: EngineName;

  /** The nth parameter of a statement, from 1. */
  readonly placeholder: (position: number) => string;

  /** At the end of a select: locks its rows until the transaction ends. */
  readonly forUpdate: SqlFragment;

  /** At the end of a select: keeps others from changing its rows until the transaction ends. Several can do so at a time. */
  readonly forShare: SqlFragment;

  /** At the end of a select: locks its rows, and leaves out those that another transaction has locked. */
  readonly forUpdateSkipLocked: SqlFragment;

  /** Behind the name of a table: reads it by this index, where the planner does not choose well by itself. */
  readonly useIndex: (name: string) => SqlFragment;

  /** Behind the name of a table: reads it in the order of its ids, where the planner does not choose well by itself. */
  readonly withoutIndex: SqlFragment;

  /** An expression: an id for the next row of a table. Inside the transaction that inserts the row. */
  nextId(table: string): SqlFragment;

  /** A select of so many of these ids, as `id`, in ascending order. */
  nextIds(table: string, count: number): SqlFragment;

  /**
   * A table to select from: so many rows from memory, with the text of the statement always the same.
   *
   * @param columns of the table, all of which the rows have
   */
  rowsOf<Column extends string>(
    alias: string,
    columns: Record<Column, ColumnType>,
    rows: readonly Record<Column, string | number | null>[],
  ): FixedFragment;

  /** A statement that counts a change of a table in `collection_versions`, and changes no row. */
  touch(table: string): SqlFragment;

  /**
   * A select of the `id` of each transaction that has written to a table and has not ended. Undefined where transactions end in
   * the order of their ids.
   */
  writersOf(table: string): SqlFragment | undefined;

  /**
   * A condition: the column contains the text, which is not empty.
   *
   * @param read runs a select that helps to decide how to search
   */
  contains(column: TextColumn, text: string, read: Read): Promise<SqlFragment>;
}

export type ColumnType = 'integer' | 'bigint' | 'text';

/** A column with a trigram index: SQLite keeps the index as a table of its own, whose rowid is the id. */
export interface TextColumn {
  name: string;
  indexTable: string;
}

export type Read = <Row>(statement: SqlFragment) => Promise<Row[]>;
