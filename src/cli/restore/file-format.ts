import { open } from 'node:fs/promises';
import type { DatabaseLocation } from '../../platform/config/database-url.js';

/** The first bytes of a file: https://www.sqlite.org/fileformat2.html and PostgreSQL's pg_backup_archiver.h. */
const MAGIC = { sqlite: 'SQLite format 3\0', postgres: 'PGDMP' };

/** Returns the engine of a file by its first bytes; undefined for any other file. */
export async function engineOf(file: string): Promise<DatabaseLocation['engine'] | undefined> {
  const handle = await open(file, 'r');
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(16), 0, 16, 0);
    const start = buffer.toString('latin1', 0, bytesRead);
    if (start.startsWith(MAGIC.sqlite)) return 'sqlite';
    return start.startsWith(MAGIC.postgres) ? 'postgres' : undefined;
  } finally {
    await handle.close();
  }
}
