import { hash, randomUUID } from 'node:crypto';
import { Logger } from '@nestjs/common';
import { QueryFailedError } from 'typeorm';
import { FixedFragment, SqlFragment } from './sql.js';

/** A few dozen are in use. Texts that a request can vary, such as the columns of a PATCH, must not fill the server's memory. */
const MAX_NAMED = 200;

const WRITES = /^\s*(insert into|update|delete from)\b/i;

/** SQLSTATE of "cached plan must not change result type". */
const OUTDATED = '0A000';

/** SQLSTATE of a statement that is not there. */
const MISSING = '26000';

/** What is sent for a statement: text, and the name by which it is prepared. */
interface Prepared {
  name?: string;
  text: string;
}

/**
 * Names statements that come again and again. PostgreSQL parses and plans a named statement once per connection, and that
 * takes longer than running it.
 *
 * Reads that are built from what a request asks for get no name. Which index is best for a text, a filter or a page depends
 * on the values, and a plan that is kept is one for average values.
 */
export class PreparedStatements {
  private readonly logger = new Logger('Database');
  private named = new Map<string, Prepared>();
  /** A comment behind the text: pgbouncer knows statements by their texts, and would take the outdated one for another name. */
  private generation = '';
  private areKept = true;

  /** @param text the statement, rendered */
  prepare(statement: SqlFragment, text: string): Prepared {
    if (!this.areKept || statement.values.length === 0) return { text };
    const known = this.named.get(text);
    if (known !== undefined) return known;
    if (this.named.size >= MAX_NAMED || (!WRITES.test(text) && !isFixed(statement))) return { text };
    const sent = text + this.generation;
    // A hash, so that one name never stands for two statements, on any connection.
    const prepared = { name: hash('sha256', sent, 'base64url'), text: sent };
    this.named.set(text, prepared);
    return prepared;
  }

  /**
   * Runs work again that fails because of prepared statements. Nothing of it was done.
   *
   * A newer replica may have changed a table: statements are prepared again. A connection pooler may give each transaction
   * another connection, where they are not prepared: from then on none are.
   */
  async retry<T>(work: () => Promise<T>): Promise<T> {
    const { generation } = this;
    try {
      return await work();
    } catch (error) {
      const code = error instanceof QueryFailedError && (error.driverError as { code?: string }).code;
      if (code === OUTDATED) this.renew(generation);
      else if (code === MISSING) this.giveUp();
      else throw error;
      return work();
    }
  }

  /** @param generation the one that failed; many statements may fail at once */
  private renew(generation: string): void {
    if (generation !== this.generation) return;
    // Another one than that of any other process.
    this.generation = ` /* ${randomUUID()} */`;
    this.named = new Map();
  }

  private giveUp(): void {
    if (this.areKept)
      this.logger.warn('Statements are not prepared any more: a connection pooler loses them');
    this.areKept = false;
  }
}

/** Whether the text is the same whatever was asked for. */
function isFixed({ values }: SqlFragment): boolean {
  return values.every(
    (value) => !(value instanceof SqlFragment) || value instanceof FixedFragment || isConstant(value),
  );
}

function isConstant({ values }: SqlFragment): boolean {
  return values.every((value) => value instanceof SqlFragment && isConstant(value));
}
