import { Command, InvalidArgumentError } from 'commander';
import { loadDatabaseLocation } from '../../platform/config/settings.module.js';
import { run } from '../run.js';

export function verifyLedgerCommand(): Command {
  return new Command('ledger:verify')
    .description(
      'Check that no movement, sale or closed day was changed and that the stock is correct. The program can keep running.',
    )
    .option('--until <id>', 'print the head as of this movement', parseId)
    .action(({ until = Infinity }: { until?: number }) =>
      run(async (progress, signal) => {
        const { reportLedger } = await import('./report-ledger.js');
        const location = await loadDatabaseLocation();
        const { lines, isValid } = await reportLedger(location, until, (what, done, total) => {
          signal.throwIfAborted();
          progress.show(`${what} ${done} of ${total}`, done, total);
        });
        progress.clear();
        process.stdout.write(`${lines.join('\n')}\n`);
        if (!isValid) process.exitCode = 1;
      }),
    );
}

function parseId(text: string): number {
  if (/^\d+$/.test(text)) return Number(text);
  throw new InvalidArgumentError('Expected the id of a movement.');
}
