import { AsyncLocalStorage } from 'node:async_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import type { DataSource, EntityTarget, ObjectLiteral } from 'typeorm';
import { chunksOf } from './chunks.js';
import { DatabaseClock } from './database-clock.js';
import type { Dialect, TextColumn } from './dialect.js';
import { type CursorOptions, type Engine, type EngineLoad, isSqlite, type Transaction } from './engine.js';
import { PostgresEngine } from './postgres-engine.js';
import { RowStream, RowStreams } from './row-stream.js';
import { commaSeparated, identifier, sql, SqlFragment, type SqlValue } from './sql.js';
import { SqliteEngine } from './sqlite-engine.js';

/** How often is looked whether the transactions that are running have ended. */
const WRITERS_INTERVAL_MS = 10;

/** Reads the database as it is now, or as it was when a snapshot of it was taken. */
export type Reader = Pick<Database, 'read'>;

/**
 * SQL in, plain rows out, the same on SQLite and PostgreSQL. Inside {@link transaction}, reads and writes join it by themselves.
 */
@Injectable()
export class Database {
  private readonly current = new AsyncLocalStorage<Transaction>();
  private readonly streams: RowStreams;
  private openTransactions = 0;

  private constructor(
    private readonly dataSource: DataSource,
    private readonly engine: Engine,
    /** For every time that is stored. */
    readonly clock: DatabaseClock,
  ) {
    this.streams = new RowStreams(engine);
  }

  /** @param dataSource knows the entities' tables, and has the connection (on PostgreSQL: the pool) that writes */
  static async open(dataSource: DataSource): Promise<Database> {
    const engine: Engine = isSqlite(dataSource)
      ? await SqliteEngine.open(dataSource)
      : new PostgresEngine(dataSource);
    const clock = await DatabaseClock.start(engine.readTime?.bind(engine));
    return new Database(dataSource, engine, clock);
  }

  /** What the engines spell differently, for a statement that has to work on both. */
  get dialect(): Dialect {
    return this.engine.dialect;
  }

  /** How many statements run and wait. */
  get load(): EngineLoad {
    return this.engine.load;
  }

  /** How many streams run and wait. */
  get streamLoad(): { running: number; waiting: number } {
    const { activeCount, pendingCount } = this.streams.cursorSemaphore;
    return { running: activeCount, waiting: pendingCount };
  }

  /** @throws DatabaseUnavailable when the database can't be reached, or is on a server that can only be read */
  assertWritable(): Promise<void> {
    return this.engine.assertWritable();
  }

  /** To be called for each request that arrives: those that arrive together share a read snapshot, where that takes less time. */
  shareReadSnapshot(): void {
    this.engine.shareReadSnapshot();
  }

  /** Rows of a select: `read<Item>`, then the statement as a template. */
  read<Row>(strings: TemplateStringsArray, ...values: SqlValue[]): Promise<Row[]> {
    return this.runRead(new SqlFragment(strings, values));
  }

  /**
   * Rows of a select that nobody else changes, or adds a reference to, until the {@link transaction} ends.
   */
  async readForUpdate<Row>(strings: TemplateStringsArray, ...values: SqlValue[]): Promise<Row[]> {
    return this.read<Row>`${new SqlFragment(strings, values)} ${this.dialect.forUpdate}`;
  }

  /** Ids for the next rows of a table, in ascending order, inside the {@link transaction} that inserts them. */
  async takeIds(table: string, count: number): Promise<number[]> {
    const rows = await this.runRead<{ id: number }>(this.dialect.nextIds(table, count));
    return rows.map(({ id }) => id);
  }

  /** A condition: the column contains the text, which is not empty. It uses the column's trigram index where that helps. */
  contains(column: TextColumn, text: string): Promise<SqlFragment> {
    return this.dialect.contains(column, text, (statement) => this.read`${statement}`);
  }

  /** Counts a change of a table, so that lists of it are new ones, though no row is changed. */
  async touch(table: string): Promise<void> {
    await this.runWrite(this.dialect.touch(table));
  }

  /**
   * The transactions that have written to the table and have not ended. Undefined where transactions end in the order of their
   * ids.
   */
  async readWriters(table: string): Promise<Set<string> | undefined> {
    const writers = this.dialect.writersOf(table);
    if (!writers) return undefined;
    return new Set((await this.runRead<{ id: string }>(writers)).map(({ id }) => id));
  }

  /** Waits until all transactions that have written to the table by now have ended. It keeps nobody from writing. */
  async afterWriters(table: string): Promise<void> {
    const begun = await this.readWriters(table);
    for (let now = begun; begun && now && haveInCommon(begun, now);) {
      await sleep(WRITERS_INTERVAL_MS);
      now = await this.readWriters(table);
    }
  }

  /**
   * Rows of a select that may be too many to be read at once, batch by batch, all from one snapshot. Others go on reading and
   * writing. Few streams run at a time; the others wait.
   *
   * @throws Error inside a transaction, of which it would see nothing
   */
  stream<Row>(strings: TemplateStringsArray, ...values: SqlValue[]): RowStream<Row> {
    return this.newStream(new SqlFragment(strings, values), { takesLong: false });
  }

  /** A {@link stream} of a select that finds or sorts all its rows before the first one. */
  streamAside<Row>(strings: TemplateStringsArray, ...values: SqlValue[]): RowStream<Row> {
    return this.newStream(new SqlFragment(strings, values), { takesLong: true });
  }

  /**
   * Runs the work on one snapshot: what is written meanwhile is in all that it reads or in nothing of it. Its statements may take
   * long, others go on reading and writing.
   *
   * @throws Error inside a transaction, of which it would see nothing
   */
  async fromSnapshot<T>(work: (reader: Reader) => Promise<T>): Promise<T> {
    const snapshot = this.streamAside`select 1 as one`;
    try {
      return await work(snapshot);
    } finally {
      await snapshot.return();
    }
  }

  /**
   * A single writing statement, atomic by itself. Returns the rows of its `returning` clause.
   *
   * @throws ConstraintViolation, DatabaseUnavailable
   */
  write<Row>(strings: TemplateStringsArray, ...values: SqlValue[]): Promise<Row[]> {
    return this.runWrite(new SqlFragment(strings, values));
  }

  /**
   * Inserts a row and returns all its columns.
   *
   * @throws ConstraintViolation
   */
  async insert<Row extends ObjectLiteral>(entity: EntityTarget<Row>, values: Partial<Row>): Promise<Row> {
    const [row] = await this.runWrite<Row>(sql`${this.insertion(entity, values)} returning *`);
    return row as Row;
  }

  /**
   * Inserts a row inside a {@link transaction}, all columns given, without waiting for the result. When this fails, the
   * transaction throws at its end.
   */
  insertPipelined<Row extends ObjectLiteral>(entity: EntityTarget<Row>, row: Row): void {
    this.currentTransaction().pipeline(this.insertion(entity, row));
  }

  /**
   * Inserts rows, or changes all columns of those that are there, inside a {@link transaction}, without waiting for the result.
   * When this fails, the transaction throws at its end.
   */
  upsertPipelined<Row extends ObjectLiteral>(entity: EntityTarget<Row>, rows: readonly Row[]): void {
    for (const chunk of chunksOf(rows)) {
      const changes = Object.keys(chunk[0] as Row).map(
        (column) => sql`${identifier(column)} = excluded.${identifier(column)}`,
      );
      this.currentTransaction().pipeline(sql`
        ${this.insertionOfAll(entity, chunk)} on conflict (id) do update set ${commaSeparated(changes)}`);
    }
  }

  /**
   * Inserts rows, all with the same columns, inside a {@link transaction}, without waiting for the result. When this fails, the
   * transaction throws at its end.
   */
  insertAllPipelined<Row extends ObjectLiteral>(
    entity: EntityTarget<Row>,
    rows: readonly Partial<Row>[],
  ): void {
    for (const chunk of chunksOf(rows))
      this.currentTransaction().pipeline(this.insertionOfAll(entity, chunk));
  }

  /**
   * A writing statement inside a {@link transaction}, without waiting for the result. When it fails, the transaction throws at its
   * end.
   */
  writePipelined(statement: SqlFragment): void {
    this.currentTransaction().pipeline(statement);
  }

  /**
   * Changes the given columns of one row and returns all its columns; undefined when there is no such row. A fragment computes
   * a value from the row as it is.
   *
   * @throws ConstraintViolation
   */
  async update<Row extends ObjectLiteral>(
    entity: EntityTarget<Row>,
    where: SqlFragment,
    changes: { [Column in keyof Row]?: Row[Column] | SqlFragment },
  ): Promise<Row | undefined> {
    const { tableName } = this.dataSource.getMetadata(entity);
    const assignments = Object.entries(changes)
      .filter(([, value]) => value !== undefined)
      .map(([column, value]) => sql`${identifier(column)} = ${parameter(value)}`);
    const [row] = await this.runWrite<Row>(sql`
      update ${identifier(tableName)} set ${commaSeparated(assignments)} where ${where} returning *`);
    return row;
  }

  /**
   * Runs the work in one transaction, which rolls back when the work throws or one of its statements fails. A transaction
   * inside another one joins it. The work may run again after a rollback (a deadlock), so what it changes in memory must be right
   * then, too.
   */
  transaction<T>(work: () => Promise<T>): Promise<T> {
    return this.inTransaction(() => work());
  }

  /**
   * A {@link transaction} that changes very many rows, in memory that does not grow with them. On SQLite everybody else waits with
   * their writes until it ends; it gives way to those who read whenever the work awaits something else than statements.
   */
  largeTransaction<T>(work: () => Promise<T>): Promise<T> {
    return this.inTransaction(() => work(), 'largeTransaction');
  }

  /**
   * A {@link transaction} of which only one runs at a time, in all processes on the database.
   *
   * @param options withoutTimeout: waits as long as it takes, as only a start may
   */
  exclusiveTransaction<T>(work: () => Promise<T>, options: { withoutTimeout?: boolean } = {}): Promise<T> {
    return this.inTransaction(async (transaction) => {
      await transaction.lockExclusively(options);
      return work();
    });
  }

  /** Takes the lock of that name until the {@link transaction} ends, in all processes on the database. */
  async lock(name: string): Promise<void> {
    await this.currentTransaction().lock(name);
  }

  /**
   * Like {@link lock}, but returns false, without waiting, while another transaction has the lock.
   */
  async tryLock(name: string): Promise<boolean> {
    return this.currentTransaction().tryLock(name);
  }

  /** Closes what was opened beside the data source. */
  async close(): Promise<void> {
    this.clock.stop();
    await this.engine.close();
  }

  private newStream<Row>(statement: SqlFragment, options: CursorOptions): RowStream<Row> {
    if (this.current.getStore()) throw new Error('A transaction reads, and does not stream');
    return new RowStream<Row>(this.streams, statement, options);
  }

  private currentTransaction(): Transaction {
    const current = this.current.getStore();
    if (!current) throw new Error('This takes a transaction');
    return current;
  }

  private insertion<Row extends ObjectLiteral>(entity: EntityTarget<Row>, values: Partial<Row>): SqlFragment {
    const { tableName } = this.dataSource.getMetadata(entity);
    const columns = Object.keys(values);
    const names = columns.map((column) => `"${column}"`).join(', ');
    return new SqlFragment(
      [`insert into "${tableName}" (${names}) values (`, ...columns.slice(1).map(() => ', '), ')'],
      Object.values(values).map(parameter),
    );
  }

  /** @param rows at least one */
  private insertionOfAll<Row extends ObjectLiteral>(
    entity: EntityTarget<Row>,
    rows: readonly Partial<Row>[],
  ): SqlFragment {
    const { tableName } = this.dataSource.getMetadata(entity);
    const columns = Object.keys(rows[0] as Partial<Row>).map(identifier);
    const values = rows.map((row) => sql`(${commaSeparated(Object.values(row).map(valueFragment))})`);
    return sql`
      insert into ${identifier(tableName)} (${commaSeparated(columns)}) values ${commaSeparated(values)}`;
  }

  private inTransaction<T>(
    work: (transaction: Transaction) => Promise<T>,
    kind: 'transaction' | 'largeTransaction' = 'transaction',
  ): Promise<T> {
    const current = this.current.getStore();
    if (current) return work(current);
    return this.engine[kind](async (transaction) => {
      this.openTransactions++;
      try {
        return await this.current.run(transaction, () => work(transaction));
      } finally {
        this.openTransactions--;
        // While it is enabled, Node.js 20 tracks every promise: one item takes 10 % more (docs/decisions/data-layer.md).
        if (this.openTransactions === 0) this.current.disable();
      }
    });
  }

  private runRead<Row>(statement: SqlFragment): Promise<Row[]> {
    return this.current.getStore()?.query(statement) ?? this.engine.read(statement);
  }

  private runWrite<Row>(statement: SqlFragment): Promise<Row[]> {
    return this.current.getStore()?.query(statement) ?? this.engine.write(statement);
  }
}

function valueFragment(value: unknown): SqlFragment {
  return sql`${parameter(value)}`;
}

function parameter(value: unknown): SqlValue {
  return (value ?? null) as SqlValue;
}

export function haveInCommon<T>(one: Set<T>, other: Set<T>): boolean {
  return [...one].some((element) => other.has(element));
}
