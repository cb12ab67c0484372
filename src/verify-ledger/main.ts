import { parseArgs } from 'node:util';
import { runCommand } from '../backup/command.js';
import { loadDatabaseLocation } from '../config/settings.module.js';
import { LedgerVerificationRepository } from '../ledger/ledger-verification.repository.js';
import { verifyLedger } from '../ledger/verify-ledger.js';
import { usingDatabase } from './read-only-database.js';
import { createProgress } from './progress.js';

const USAGE = 'Usage: npm run ledger:verify [-- --until MOVEMENT_ID]';

await runCommand(async (signal) => {
  const { values } = parseArgs({ options: { until: { type: 'string' } } });
  const { until } = values;
  if (until !== undefined && !/^\d+$/.test(until)) throw new Error(USAGE);
  const untilId = Number(until ?? Infinity);
  const { verification, headAt } = await usingDatabase(await loadDatabaseLocation(), (database) => {
    const progress = createProgress(process.stderr);
    return verifyLedger(new LedgerVerificationRepository(database), [untilId], (id, lastId) => {
      signal.throwIfAborted();
      progress.tell(id, lastId);
    }).finally(() => {
      progress.end();
    });
  });
  const { movements, items, problems, firstProblem } = verification;
  const head = headAt(untilId);
  process.stdout.write(
    `${movements} movements of ${items} items\nHead ${head.id ?? 'of none'} ${head.hash ?? ''}`.trimEnd() +
      '\n',
  );
  if (!firstProblem) {
    process.stdout.write(
      'Sound: every movement is as it was written, and the stock is what they add up to.\n',
    );
    return;
  }
  const { movement_id, item_id, problem } = firstProblem;
  const where = movement_id === null ? `item ${item_id}` : `movement ${movement_id}, of item ${item_id}`;
  process.stdout.write(
    `Not sound: ${problems} ${problems === 1 ? 'problem' : 'problems, the first'} at ${where}: ${problem}.\n`,
  );
  process.exitCode = 1;
});
