import type { DataSource } from 'typeorm';

/**
 * Makes sure that a PostgreSQL database takes texts of every alphabet
 * (https://www.postgresql.org/docs/current/multibyte.html). In any other encoding than UTF-8 some letters are refused, and in
 * SQL_ASCII none is known for what it is.
 *
 * @throws Error in one line for the operator
 */
export async function assertUtf8(dataSource: DataSource): Promise<void> {
  const [row] = await dataSource.query<{ server_encoding: string }[]>('show server_encoding');
  const encoding = row?.server_encoding ?? 'unknown';
  if (encoding === 'UTF8') return;
  throw new Error(
    `its encoding is ${encoding} where UTF8 is needed. Create one with: create database NAME encoding 'UTF8' locale 'C.UTF-8' template template0`,
  );
}
