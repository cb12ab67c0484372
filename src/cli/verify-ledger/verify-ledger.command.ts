import { Command, InvalidArgumentError } from 'commander';
import { loadDatabaseLocation } from '../../platform/config/settings.module.js';
import { run } from '../run.js';

export function verifyLedgerCommand(): Command {
  return new Command('ledger:verify')
    .description(
      'Read all movements and say whether each is as it was written, while the program may go on serving.',
    )
    .option('--until <id>', 'the last movement to read, whose hash is told', parseId)
    .action(({ until = Infinity }: { until?: number }) =>
      run(async (progress, signal) => {
        const { reportLedger } = await import('./report-ledger.js');
        const location = await loadDatabaseLocation();
        const { lines, isSound } = await reportLedger(location, until, (id, lastId) => {
          signal.throwIfAborted();
          progress.show(`Movement ${id} of ${lastId}`, id, lastId);
        });
        progress.clear();
        process.stdout.write(`${lines.join('\n')}\n`);
        if (!isSound) process.exitCode = 1;
      }),
    );
}

function parseId(text: string): number {
  if (/^\d+$/.test(text)) return Number(text);
  throw new InvalidArgumentError('It takes the id of a movement.');
}
