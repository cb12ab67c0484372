import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { createProgress, runCommand } from '../command.js';
import { loadDatabaseLocation } from '../../platform/config/settings.module.js';
import { restore } from './restore.js';

const USAGE = 'Usage: npm run restore -- FILE';

await runCommand(async (signal) => {
  const [name, ...more] = parseArgs({ allowPositionals: true }).positionals;
  if (!name || more.length > 0) throw new Error(USAGE);
  const file = resolve(name);
  const kept = await restore(file, await loadDatabaseLocation(), createProgress(), signal);
  process.stdout.write(`Restored from ${file}. Everybody has to log in again.\n`);
  if (kept) process.stdout.write(`What was there before is kept as ${kept}.\n`);
});
