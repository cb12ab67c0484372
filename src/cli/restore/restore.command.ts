import { resolve } from 'node:path';
import { Command } from 'commander';
import { loadDatabaseLocation } from '../../platform/config/settings.module.js';
import { run } from '../run.js';

export function restoreCommand(): Command {
  return new Command('restore')
    .description('Put a backup in the place of the database. Stop the program before.')
    .argument('<file>', 'a file that backup has written')
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
        process.stdout.write(`Restored from ${file}. Everybody has to log in again.\n`);
        if (kept) process.stdout.write(`What was there before is kept as ${kept}.\n`);
      }),
    );
}
