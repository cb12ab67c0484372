import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fillUp } from './catalogue.js';
import { logIn, startProgram, startServer } from './program.js';
import { withTemporaryDatabase } from './temporary-database.js';

/**
 * The database that a scenario needs. It is new, with the mock catalogue in it.
 *
 * @typedef {object} Database
 * @property {'SQLite' | 'PostgreSQL'} engine
 * @property {number} [items] fills the catalogue up to so many
 * @property {number} [movements] what these have had in the last year, in all
 *
 * @typedef {object} Shop the program, on a database of its own
 * @property {string} databaseUrl
 * @property {import('./program.js').Server} program
 * @property {string} token an access token of the admin
 * @property {number} seconds how long a measurement lasts
 * @property {() => Promise<import('./program.js').Server>} startFloor the floor on the same file; started only once
 */

/**
 * Opens a shop, does something with it, and removes the shop.
 *
 * @template T
 * @param {Database} database
 * @param {{ seconds: number, postgres: string | undefined }} options
 * @param {(shop: Shop) => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function withShop({ engine, items, movements }, { seconds, postgres }, work) {
  /**
   * @param {string} databaseUrl
   * @param {string} file of the floor
   */
  const fillAndOpen = async (databaseUrl, file) => {
    if (items !== undefined) {
      await (await startProgram(databaseUrl)).stop();
      await fillUp(databaseUrl, items, movements);
    }
    return withPrograms(databaseUrl, file, seconds, work);
  };
  if (engine === 'PostgreSQL') {
    if (postgres === undefined) throw new Error('This scenario needs --postgres');
    return withTemporaryDatabase(postgres, (url) => fillAndOpen(url, ''));
  }
  const folder = await mkdtemp(join(tmpdir(), 'stock-tracker-bench-'));
  try {
    const file = join(folder, 'stock.db');
    return await fillAndOpen(`sqlite:///${file}`, file);
  } finally {
    await rm(folder, { recursive: true });
  }
}

/**
 * @template T
 * @param {string} databaseUrl
 * @param {string} file of the floor
 * @param {number} seconds
 * @param {(shop: Shop) => Promise<T>} work
 */
async function withPrograms(databaseUrl, file, seconds, work) {
  // All requests come from one address, far more than any shop sends.
  const program = await startProgram(databaseUrl, { RATE_LIMIT_ENABLED: 'false' });
  /** @type {Promise<import('./program.js').Server> | undefined} */
  let floor;
  try {
    const token = await logIn(program.url);
    const startFloor = () => (floor ??= startServer('bench/floor.js', [file, token, '1'], {}));
    return await work({ databaseUrl, program, token, seconds, startFloor });
  } finally {
    await Promise.all([program.stop(), floor?.then(({ stop }) => stop())]);
  }
}
