import { AsyncLocalStorage } from 'node:async_hooks';
import { Injectable } from '@nestjs/common';
import type { DataSource, EntityTarget, ObjectLiteral } from 'typeorm';
import { DatabaseClock } from './database-clock.js';
import type { Dialect, TextColumn } from './dialect.js';
import { type Engine, type EngineLoad, isSqlite, type Transaction } from './engine.js';
import { PostgresEngine } from './postgres-engine.js';
import { RowStream, RowStreams } from './row-stream.js';
import { commaSeparated, identifier, sql, SqlFragment, type SqlValue } from './sql.js';
import { SqliteEngine } from './sqlite-engine.js';

/**
 * The one way to the data: SQL in, plain rows out, the same on SQLite and PostgreSQL.
 *
 * Inside {@link transaction}, reads and writes join it by themselves.
 */
@Injectable()
export class Database {
  private readonly current = new AsyncLocalStorage<Transaction>();
  private readonly streams: RowStreams;
  /** Transactions that have not ended. */
  private open = 0;

  private constructor(
    private readonly dataSource: DataSource,
    private readonly engine: Engine,
    /** Whatever is written down of the time is written by this clock. */
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

  /** How many streams run, and wait for their turn. */
  get streamLoad(): { running: number; waiting: number } {
    const { activeCount, pendingCount } = this.streams.cursorSemaphore;
    return { running: activeCount, waiting: pendingCount };
  }

  /** Called for each request that arrives: those that arrive together read at one moment, where that takes less time. */
  shareReadSnapshot(): void {
    this.engine.shareReadSnapshot();
  }

  /** Rows of a select: `read<Item>`, then the statement as a template. */
  read<Row>(strings: TemplateStringsArray, ...values: SqlValue[]): Promise<Row[]> {
    return this.runRead(new SqlFragment(strings, values));
  }

  /**
   * Rows of a select that nobody else changes or refers to anew until the transaction ends. SQLite's only writer has had
   * all rows for itself since it began.
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

  /** Runs the work when all transactions that have written to the table by now have ended. */
  async afterWriters<T>(table: string, work: () => Promise<T>): Promise<T> {
    const lock = this.dialect.lockTable(table);
    if (!lock) return work();
    return this.transaction(async () => {
      await this.runWrite(lock);
      return work();
    });
  }

  /**
   * Rows of a select that may be too many to be read at once, batch by batch, all from one moment of the database. Others
   * go on reading and writing, and few streams run at a time: the next one waits for its turn.
   *
   * @throws Error inside a transaction, of which it would see nothing
   */
  stream<Row>(strings: TemplateStringsArray, ...values: SqlValue[]): RowStream<Row> {
    if (this.current.getStore()) throw new Error('A transaction reads, and does not stream');
    return new RowStream<Row>(this.streams, new SqlFragment(strings, values));
  }

  /**
   * A single writing statement, atomic by itself. Answers the rows of its `returning` clause.
   *
   * @throws ConstraintViolation, DatabaseUnavailable
   */
  write<Row>(strings: TemplateStringsArray, ...values: SqlValue[]): Promise<Row[]> {
    return this.runWrite(new SqlFragment(strings, values));
  }

  /**
   * Inserts a row and answers it whole.
   *
   * @throws ConstraintViolation
   */
  async insert<Row extends ObjectLiteral>(entity: EntityTarget<Row>, values: Partial<Row>): Promise<Row> {
    const [row] = await this.runWrite<Row>(sql`${this.insertion(entity, values)} returning *`);
    return row as Row;
  }

  /**
   * Inserts a row that is known whole, inside a {@link transaction}, and waits for no answer: the transaction's end does,
   * and throws what this one would.
   */
  insertPipelined<Row extends ObjectLiteral>(entity: EntityTarget<Row>, row: Row): void {
    this.currentTransaction().pipeline(this.insertion(entity, row));
  }

  /**
   * Changes the columns given of one row, leaves the others, and answers the row whole: undefined when it isn't there.
   * A fragment computes the value from the row as it is.
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
   * Runs the work in one transaction: all of it happens, or nothing, as when one of its statements fails. A transaction inside
   * another one joins it.
   */
  transaction<T>(work: () => Promise<T>): Promise<T> {
    return this.inTransaction(() => work());
  }

  /**
   * A {@link transaction} of which only one runs at a time, over all processes on the same database.
   *
   * @param options withoutTimeout: waits for its turn as long as it takes, as only a start may
   */
  exclusiveTransaction<T>(work: () => Promise<T>, options: { withoutTimeout?: boolean } = {}): Promise<T> {
    return this.inTransaction(async (transaction) => {
      await transaction.lockExclusively(options);
      return work();
    });
  }

  /** Takes the lock of that name until the {@link transaction} ends, over all processes on the same database. */
  async lock(name: string): Promise<void> {
    await this.currentTransaction().lock(name);
  }

  /**
   * Takes the lock of that name until the {@link transaction} ends, over all processes on the same database. Answers false,
   * without waiting, while another transaction has it.
   */
  async tryLock(name: string): Promise<boolean> {
    return this.currentTransaction().tryLock(name);
  }

  /** Closes what was opened beside the data source. */
  close(): void {
    this.clock.stop();
    this.engine.close();
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

  private inTransaction<T>(work: (transaction: Transaction) => Promise<T>): Promise<T> {
    const current = this.current.getStore();
    if (current) return work(current);
    return this.engine.transaction(async (transaction) => {
      this.open++;
      try {
        return await this.current.run(transaction, () => work(transaction));
      } finally {
        this.open--;
        // While it is enabled, Node.js follows every promise of the program, and all requests pay for that.
        if (this.open === 0) this.current.disable();
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

function parameter(value: unknown): SqlValue {
  return (value ?? null) as SqlValue;
}
