import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import { Command } from 'commander';
import { loadDatabaseLocation } from '../../platform/config/settings.module.js';
import { run } from '../run.js';

export function backupCommand(): Command {
  return new Command('backup')
    .description('Write a copy of the database to a file. The program can keep running.')
    .argument('<file>', 'the file to write')
    .option('--force', 'replace an existing file')
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
        process.stdout.write(`Backed up to ${file}: ${statSync(file).size} bytes, read back and verified.\n`);
      }),
    );
}
