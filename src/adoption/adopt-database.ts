import { setTimeout as sleep } from 'node:timers/promises';
import type { LoggerService } from '@nestjs/common';
import type { Settings } from '../platform/config/settings.js';
import { SettingsError } from '../platform/config/settings-error.js';
import { reasonOf } from '../platform/database/open-data-source.js';
import { describeForeign, inspectFile } from './file-content.js';

/** How long a start waits for another process that is adopting the same file. */
const LOCK_TIMEOUT_MS = 300_000;
const RETRY_INTERVAL_MS = 500;

const CONTEXT = 'Adoption';

/**
 * Converts a database of the first version (the FastAPI program) to one of this program, before anything else opens it. Any
 * other database stays unchanged.
 *
 * @throws SettingsError when the file contains tables of another program, or can't be read or converted
 */
export async function adoptDatabase(settings: Settings, logger: LoggerService): Promise<void> {
  if (settings.database.engine !== 'sqlite') return;
  const { file } = settings.database;
  const deadline = Date.now() + LOCK_TIMEOUT_MS;
  for (;;) {
    try {
      const content = await inspectFile(file);
      if (content.owner === 'another program') throw new Error(describeForeign(file, content.tables));
      if (content.owner !== 'first version') return;
      // Loaded only when needed: once in the life of a database.
      const { adoptFile } = await import('./adopt-file.js');
      const adoption = await adoptFile(file, settings);
      if (!adoption) return;
      for (const decision of adoption.decisions) logger.warn(decision, CONTEXT);
      logger.log(adoption.summary, CONTEXT);
      return;
    } catch (error) {
      if (!isBusy(error) || Date.now() > deadline) {
        throw new SettingsError(`DATABASE_URL names a database that can't be used: ${reasonOf(error)}`, {
          cause: error,
        });
      }
      logger.warn(`Waiting for another process that has ${file} locked`, CONTEXT);
      await sleep(RETRY_INTERVAL_MS);
    }
  }
}

function isBusy(error: unknown): boolean {
  const { code, driverError } = error as { code?: string; driverError?: { code?: string } };
  return (driverError?.code ?? code ?? '').startsWith('SQLITE_BUSY');
}
