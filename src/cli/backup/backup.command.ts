import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import { Command } from 'commander';
import { loadDatabaseLocation } from '../../platform/config/settings.module.js';
import { run } from '../run.js';

export function backupCommand(): Command {
  return new Command('backup')
    .description('Write all of the database to a file, while the program may go on serving.')
    .argument('<file>', 'the file to write')
    .option('--force', 'replace a file that is there')
    .action((name: string, { force = false }: { force?: boolean }) =>
      run(async (progress, signal) => {
        const { backUp } = await import('./back-up.js');
        const file = resolve(name);
        await backUp(
          await loadDatabaseLocation(),
          file,
          force,
          (percent) => {
            progress.show('Backing up', percent, 100);
          },
          signal,
        );
        progress.clear();
        process.stdout.write(`Backed up to ${file}: ${statSync(file).size} bytes, read back and sound.\n`);
      }),
    );
}
