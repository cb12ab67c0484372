import { setTimeout as sleep } from 'node:timers/promises';
import { Logger } from '@nestjs/common';
import { DataSource, type DataSourceOptions } from 'typeorm';
import { databaseUnavailableOf } from './database-unavailable.js';

/** How long a start waits for a PostgreSQL server that isn't up yet, in milliseconds. */
const PATIENCE = 60_000;
const INTERVAL = 1_000;

/**
 * Connects, waiting for a server that isn't up yet. An SQLite file can be opened or it can't: nobody waits for it.
 *
 * @throws what the driver throws, or DatabaseUnavailable when patience ends
 */
export async function connect(options: DataSourceOptions): Promise<DataSource> {
  const logger = new Logger('Database');
  const deadline = Date.now() + PATIENCE;
  for (;;) {
    try {
      return await new DataSource(options).initialize();
    } catch (error) {
      const unavailable = options.type === 'postgres' ? databaseUnavailableOf(error) : undefined;
      if (!unavailable) throw error;
      if (Date.now() > deadline) throw unavailable;
      logger.warn(`Waiting for the database: ${String(error)}`);
      await sleep(INTERVAL);
    }
  }
}
