import { resolve } from 'node:path';
import { Command } from 'commander';
import { loadDatabaseLocation } from '../../platform/config/settings.module.js';
import { run } from '../run.js';

export function restoreCommand(): Command {
  return new Command('restore')
    .description('Replace the database by a backup. Stop the program first.')
    .argument('<file>', 'a file written by the backup command')
    .action((name: string) =>
      run(async (progress, signal) => {
        const { restore } = await import('./restore.js');
        const file = resolve(name);
        const kept = await restore(
          file,
          await loadDatabaseLocation(),
          (percent) => {
            progress.show('Restoring', percent, 100);
          },
          signal,
        );
        progress.clear();
        process.stdout.write(`Restored from ${file}. All users have to log in again.\n`);
        if (kept) process.stdout.write(`The previous database is kept as ${kept}.\n`);
      }),
    );
}
