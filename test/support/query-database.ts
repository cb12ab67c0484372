import { DataSource } from 'typeorm';
import { parseDatabaseUrl } from '../../src/platform/config/database-url.js';
import { readerOptions } from '../../src/platform/database/data-source-options.js';

export type Row = Record<string, string | number | boolean | null>;

/** Reads a database that a program may be using. The statement has to be the same on both engines. */
export async function queryDatabase(url: string, statement: string): Promise<Row[]> {
  const dataSource = await new DataSource(readerOptions(parseDatabaseUrl(url))).initialize();
  try {
    return await dataSource.query(statement);
  } finally {
    await dataSource.destroy();
  }
}
