import type { Database } from '../../src/platform/database/database.js';

/** Names of columns, but for what JavaScript itself asks of any object. */
const COLUMN = /^(?!then$|constructor$)[a-z]+(_[a-z]+)*$/;

/**
 * Lets every row of a select fail when it is asked for a column that the select does not return: the type of a row is what
 * its reader says, and the compiler does not read SQL.
 */
export function checkRows(database: Database): void {
  const reader = database as unknown as Record<'read' | 'runWrite', (...of: unknown[]) => Promise<object[]>>;
  for (const method of ['read', 'runWrite'] as const) {
    const original = reader[method].bind(database);
    reader[method] = async (...statement) => (await original(...statement)).map(checked);
  }
}

function checked(row: object): object {
  return new Proxy(row, {
    get(target, name, receiver): unknown {
      if (typeof name === 'string' && COLUMN.test(name) && !(name in target)) {
        throw new Error(`The statement returns no column ${name}, but ${Object.keys(target).join(', ')}`);
      }
      return Reflect.get(target, name, receiver);
    },
  });
}
