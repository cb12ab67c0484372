import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { loadDatabaseLocation } from '../../platform/config/settings.module.js';
import { backUp } from './back-up.js';
import { createProgress, runCommand } from '../command.js';

const USAGE = 'Usage: npm run backup -- [--force] FILE';

await runCommand(async (signal) => {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { force: { type: 'boolean' } },
  });
  const [name, ...more] = positionals;
  if (!name || more.length > 0) throw new Error(USAGE);
  const file = resolve(name);
  await backUp(await loadDatabaseLocation(), file, values.force ?? false, createProgress(), signal);
  process.stdout.write(`Backed up to ${file}: ${statSync(file).size} bytes, read back and sound.\n`);
});
