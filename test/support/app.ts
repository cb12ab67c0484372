import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { createApp } from '../../src/app.setup.js';
import { loadSettings } from '../../src/platform/config/settings.module.js';
import { Database } from '../../src/platform/database/database.js';
import { checkRows } from './checked-rows.js';
import { Client } from './client.js';
import type { TemporaryDatabase } from './temporary-database.js';

/** The production program on a database that outlives it, listening on a free port. */
export interface RunningApp {
  app: NestFastifyApplication;
  /** A caller without an access token. */
  client: Client;
}

/** @param environment variables on top of test/support/environment.ts, for this start only */
export async function startApp(
  database: TemporaryDatabase,
  environment: Record<string, string> = {},
): Promise<RunningApp> {
  const before = process.env;
  process.env = { ...before, ...environment, DATABASE_URL: database.url };
  try {
    const app = await createApp(await loadSettings());
    checkRows(app.get(Database));
    await app.listen(0, '127.0.0.1');
    return { app, client: new Client(await app.getUrl()) };
  } finally {
    process.env = before;
  }
}
