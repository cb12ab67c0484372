import { randomBytes } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Client } from 'pg';
import { createTemporaryFolder } from './temporary-folder.js';

/** A database of its own for a test: empty at first, gone after `drop`. */
export interface TemporaryDatabase {
  url: string;
  drop(): Promise<void>;
}

/** On the server that TEST_DATABASE_URL names when it is set, else an SQLite file. */
export function createTemporaryDatabase(): Promise<TemporaryDatabase> {
  const { TEST_DATABASE_URL } = process.env;
  return TEST_DATABASE_URL ? createPostgresDatabase(TEST_DATABASE_URL) : createSqliteFile();
}

export async function createSqliteFile(): Promise<TemporaryDatabase> {
  const folder = await createTemporaryFolder();
  return {
    url: `sqlite:///${join(folder, 'stock.db')}`,
    drop: () => rm(folder, { recursive: true }),
  };
}

/** @param options of `create database` */
export async function createPostgresDatabase(serverUrl: string, options = ''): Promise<TemporaryDatabase> {
  const name = `stock_tracker_${randomBytes(6).toString('hex')}`;
  await onServer(serverUrl, `create database ${name} ${options}`);
  const url = new URL(serverUrl);
  url.pathname = name;
  return { url: url.href, drop: () => onServer(serverUrl, `drop database ${name} with (force)`) };
}

async function onServer(url: string, statement: string): Promise<void> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}
