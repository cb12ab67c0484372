import { randomBytes } from 'node:crypto';
import pg from 'pg';

/**
 * Creates a database on a PostgreSQL server, does something with it, and drops it.
 *
 * @template T
 * @param {string} server postgresql://user:password@host:port/database
 * @param {(databaseUrl: string) => Promise<T>} work
 */
export async function withTemporaryDatabase(server, work) {
  const name = `stock_tracker_bench_${randomBytes(4).toString('hex')}`;
  const url = new URL(server);
  url.pathname = name;
  const client = new pg.Client({ connectionString: server });
  await client.connect();
  try {
    await client.query(`create database ${name}`);
    return await work(url.href);
  } finally {
    await client.query(`drop database if exists ${name} with (force)`);
    await client.end();
  }
}
