import { hash } from 'node:crypto';
import { Logger } from '@nestjs/common';
import { QueryFailedError } from 'typeorm';
import { SqlFragment } from './sql.js';

/** A few dozen are in use. What a request can vary, as the columns of a PATCH, must not fill the server's memory. */
const MAX_NAMED = 200;

const WRITES = /^\s*(insert into|update|delete from)\b/i;

/** SQLSTATE of "cached plan must not change result type". */
const OUTDATED = '0A000';

/** SQLSTATE of a statement that is not there, and of one that is there already. */
const MIXED_UP = ['26000', '42P05'];

/**
 * Names statements that come again and again: PostgreSQL parses and plans them once on each connection and not each time,
 * which takes longer than carrying them out.
 *
 * Reads that are put together from what was asked for go without a name. Which index finds a text, a filter or a page best
 * depends on the very values, and a plan for any values is one for the average.
 */
export class PreparedStatements {
  private readonly logger = new Logger('Database');
  private names = new Map<string, string>();
  private generation = 1;
  private areKept = true;

  /** @param text the statement, rendered */
  nameOf(statement: SqlFragment, text: string): string | undefined {
    if (!this.areKept || statement.values.length === 0) return undefined;
    const known = this.names.get(text);
    if (known !== undefined) return known;
    if (this.names.size >= MAX_NAMED || (!WRITES.test(text) && !isFixed(statement))) return undefined;
    // Whatever prepares it, on whatever connection: one name never stands for two statements.
    const name = hash('sha256', `${this.generation} ${text}`, 'base64url');
    this.names.set(text, name);
    return name;
  }

  /**
   * Carries out work that fails for what has become of prepared statements, once more. All of it was refused.
   *
   * A newer replica may have changed a table since: they are prepared anew. And between this program and the server may be
   * a pooler that gives each transaction another connection, and knows nothing of them: then there are none from here on.
   */
  async retry<T>(work: () => Promise<T>): Promise<T> {
    const { generation } = this;
    try {
      return await work();
    } catch (error) {
      const code = error instanceof QueryFailedError && (error.driverError as { code?: string }).code;
      if (code === OUTDATED) this.renew(generation);
      else if (code && MIXED_UP.includes(code)) this.giveUp();
      else throw error;
      return work();
    }
  }

  /** @param generation what failed: many may hear of it at once */
  private renew(generation: number): void {
    if (generation !== this.generation) return;
    this.generation++;
    this.names = new Map();
  }

  private giveUp(): void {
    if (this.areKept)
      this.logger.warn('Statements are not prepared any more: a connection pooler loses them');
    this.areKept = false;
  }
}

/** Whether the text is the same whatever was asked for. */
function isFixed({ values }: SqlFragment): boolean {
  return values.every((value) => !(value instanceof SqlFragment) || isConstant(value));
}

function isConstant({ values }: SqlFragment): boolean {
  return values.every((value) => value instanceof SqlFragment && isConstant(value));
}
