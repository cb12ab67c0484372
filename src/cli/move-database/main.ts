import { parseArgs } from 'node:util';
import '../../app.module.js';
import { parseDatabaseUrl } from '../../platform/config/database-url.js';
import { moveDatabase, type Progress } from './move-database.js';

const USAGE =
  'Usage: npm run move-database -- --from sqlite:///./stock_tracker.db --to postgresql://user:password@host:port/database';

/** Tells how far a long table is, about once a second. */
function createProgress(): Progress {
  let told = Date.now();
  return (table, copied, total) => {
    if (Date.now() - told < 1000) return;
    told = Date.now();
    process.stderr.write(`${table}: ${copied} of ${total} rows (${Math.floor((copied / total) * 100)} %)\n`);
  };
}

try {
  const { from, to } = parseArgs({ options: { from: { type: 'string' }, to: { type: 'string' } } }).values;
  if (!from || !to) throw new Error(USAGE);
  const moved = await moveDatabase(parseDatabaseUrl(from), parseDatabaseUrl(to), createProgress());
  for (const { name, rows, checksum } of moved) {
    process.stdout.write(`${name.padEnd(20)}${String(rows).padStart(12)} rows  SHA-256 ${checksum}\n`);
  }
  process.stdout.write('Moved. Counts and checksums of every table are the same on both sides.\n');
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
