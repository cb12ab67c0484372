import Sqlite from 'better-sqlite3';

// JavaScript, so that tests and the built program run the same file in a worker thread.

/**
 * @typedef {object} Statement
 * @property {number} cursor
 * @property {string} text
 * @property {(string | number | null)[]} parameters
 *
 * @typedef {object} OpenCursor
 * @property {import('better-sqlite3').Database} connection
 * @property {string[]} names of the columns
 * @property {IterableIterator<unknown[]>} [rows] what is left of them
 */

/** @type {Map<number, OpenCursor>} */
const cursors = new Map();
let lastCursor = 0;

/**
 * For the next cursor, as each new connection reads the whole schema.
 *
 * @type {import('better-sqlite3').Database | undefined}
 */
let idle;

export const open = attempt(openCursor);
export const fetch = attempt(fetchRows);
export const query = attempt(queryRows);
export const close = attempt(closeCursor);

/** @param {{ file: string, timeout: number, pragma: string }} task */
function openCursor({ file, timeout, pragma }) {
  const connection = idle ?? new Sqlite(file, { fileMustExist: true, timeout });
  idle = undefined;
  connection.pragma(pragma);
  connection.exec('begin');
  cursors.set(++lastCursor, { connection, names: [] });
  return lastCursor;
}

/**
 * The next rows of the cursor's select.
 *
 * @param {Statement & { count: number }} task
 */
function fetchRows({ cursor, text, parameters, count }) {
  const open = find(cursor);
  if (!open.rows) {
    const { statement, names } = prepare(open, text);
    open.names = names;
    open.rows = statement.iterate(...parameters);
  }
  const rows = [];
  for (let next; rows.length < count && !(next = open.rows.next()).done;) rows.push(next.value);
  return { names: open.names, rows };
}

/**
 * All rows of another select.
 *
 * @param {Statement} task
 */
function queryRows({ cursor, text, parameters }) {
  const { statement, names } = prepare(find(cursor), text);
  return { names, rows: statement.all(...parameters) };
}

/** @param {{ cursor: number }} task */
function closeCursor({ cursor }) {
  const { rows, connection } = find(cursor);
  cursors.delete(cursor);
  rows?.return?.();
  connection.exec('rollback');
  if (idle) connection.close();
  else idle = connection;
}

/** @param {number} cursor */
function find(cursor) {
  const open = cursors.get(cursor);
  if (!open) throw Object.assign(new Error('The thread that read has ended'), { code: 'SQLITE_IOERR' });
  return open;
}

/**
 * @param {OpenCursor} cursor
 * @param {string} text
 */
function prepare({ connection }, text) {
  /** @type {import('better-sqlite3').Statement<(string | number | null)[], unknown[]>} */
  const statement = connection.prepare(text);
  return { statement: statement.raw(), names: statement.columns().map(({ name }) => name) };
}

/**
 * An error loses its code on its way to another thread.
 *
 * @template Task, Result
 * @param {(task: Task) => Result} work
 * @returns {(task: Task) => { result: Result } | { error: { message: string, code?: string } }}
 */
function attempt(work) {
  return (task) => {
    try {
      return { result: work(task) };
    } catch (error) {
      const { message, code } = /** @type {Error & { code?: string }} */ (error);
      return { error: { message, code } };
    }
  };
}
