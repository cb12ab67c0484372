import type { Database } from '../database/database.js';
import type { RowStream } from '../database/row-stream.js';
import { type SqlFragment } from '../database/sql.js';

/** A list of 1,000 items blocks other requests for about 5 ms. Most shops have fewer, and a stream costs them more. */
const MAX_ROWS_IN_MEMORY = 1_000;

/**
 * Reads all rows of a select, as a stream when there are too many for memory. Looking for one row too many takes a hundredth of
 * the time of reading them.
 */
export async function readAll<Row>(database: Database, select: SqlFragment): Promise<Row[] | RowStream<Row>> {
  const beyond = await database.read`select 1 from (${select}) list limit 1 offset ${MAX_ROWS_IN_MEMORY}`;
  return beyond.length > 0 ? database.stream<Row>`${select}` : database.read<Row>`${select}`;
}
