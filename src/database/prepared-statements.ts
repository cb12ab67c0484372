import { QueryFailedError } from 'typeorm';
import { SqlFragment } from './sql.js';

/** A few dozen are in use. What a request can vary, as the columns of a PATCH, must not fill the server's memory. */
const MOST_NAMED = 200;

const WRITES = /^\s*(insert into|update|delete from)\b/i;

/**
 * Names statements that come again and again: PostgreSQL parses and plans them once on each connection and not each time,
 * which takes longer than carrying them out.
 *
 * Reads that are put together from what was asked for go without a name. Which index finds a text, a filter or a page best
 * depends on the very values, and a plan for any values is one for the average.
 */
export class PreparedStatements {
  private names = new Map<string, string>();
  private generation = 1;

  /** @param text the statement, rendered */
  nameOf(statement: SqlFragment, text: string): string | undefined {
    if (statement.values.length === 0 || !(WRITES.test(text) || isFixed(statement))) return undefined;
    let name = this.names.get(text);
    if (name === undefined && this.names.size < MOST_NAMED) {
      name = `statement_${this.generation}_${this.names.size}`;
      this.names.set(text, name);
    }
    return name;
  }

  /**
   * Carries out work that fails when a newer replica has changed a table since its statements were prepared: then all of
   * it was refused, and once more it is done, with statements prepared anew.
   */
  async renewing<T>(work: () => Promise<T>): Promise<T> {
    const { generation } = this;
    try {
      return await work();
    } catch (error) {
      if (!isOutdated(error)) throw error;
      // Many may hear of it at once.
      if (generation === this.generation) {
        this.generation++;
        this.names = new Map();
      }
      return work();
    }
  }
}

/** Whether the text is the same whatever was asked for. */
function isFixed({ values }: SqlFragment): boolean {
  return values.every((value) => !(value instanceof SqlFragment) || isConstant(value));
}

function isConstant({ values }: SqlFragment): boolean {
  return values.every((value) => value instanceof SqlFragment && isConstant(value));
}

/** "cached plan must not change result type" */
function isOutdated(error: unknown): boolean {
  return error instanceof QueryFailedError && (error.driverError as { code?: string }).code === '0A000';
}
