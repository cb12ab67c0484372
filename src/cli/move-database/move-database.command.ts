import { Command } from 'commander';
import { parseDatabaseUrl } from '../../platform/config/database-url.js';
import { run } from '../run.js';

export function moveDatabaseCommand(): Command {
  return new Command('move-database')
    .description(
      'Copy everything to an empty database, of the same engine or the other one. Stop the program first.',
    )
    .requiredOption('--from <url>', 'the database to copy, such as sqlite:///./stock_tracker.db')
    .requiredOption('--to <url>', 'an empty database, such as postgresql://user:password@host:port/database')
    .action(({ from, to }: { from: string; to: string }) =>
      run(async (progress) => {
        await import('../../app.module.js');
        const { moveDatabase } = await import('./move-database.js');
        const moved = await moveDatabase(
          parseDatabaseUrl(from),
          parseDatabaseUrl(to),
          (table, copied, total) => {
            progress.show(`${table}: ${copied} of ${total} rows`, copied, total);
          },
        );
        progress.clear();
        for (const { name, rows, checksum } of moved) {
          process.stdout.write(`${name.padEnd(20)}${String(rows).padStart(12)} rows  SHA-256 ${checksum}\n`);
        }
        process.stdout.write('Moved. The row counts and checksums of all tables match.\n');
      }),
    );
}
