import { parseArgs } from 'node:util';
import { runCommand } from '../command.js';
import { loadDatabaseLocation } from '../../platform/config/settings.module.js';
import { LedgerVerificationRepository } from '../../ledger/ledger-verification.repository.js';
import { findSchemaDifferences, listOf } from '../../platform/database/schema/check-schema.js';
import { verifyLedger } from '../../ledger/verify-ledger.js';
import { usingDatabase } from './read-only-database.js';
import { createProgress } from './progress.js';

const USAGE = 'Usage: npm run ledger:verify [-- --until MOVEMENT_ID]';

await runCommand(async (signal) => {
  const { values } = parseArgs({ options: { until: { type: 'string' } } });
  const { until } = values;
  if (until !== undefined && !/^\d+$/.test(until)) throw new Error(USAGE);
  const untilId = Number(until ?? Infinity);
  const location = await loadDatabaseLocation();
  const [{ verification, headAt }, differences] = await usingDatabase(
    location,
    async (database, dataSource) => {
      const progress = createProgress(process.stderr);
      const verified = await verifyLedger(
        new LedgerVerificationRepository(database),
        [untilId],
        (id, lastId) => {
          signal.throwIfAborted();
          progress.tell(id, lastId);
        },
      ).finally(() => {
        progress.end();
      });
      return [verified, await findSchemaDifferences(dataSource)] as const;
    },
  );
  const { movements, items, problems, firstProblem } = verification;
  const head = headAt(untilId);
  process.stdout.write(
    `${movements} movements of ${items} items\nHead ${head.id ?? 'of none'} ${head.hash ?? ''}`.trimEnd() +
      '\n',
  );
  const flaws = differences.filter(({ isHarmless }) => !isHarmless);
  if (differences.length > 0) {
    process.stdout.write(
      `${flaws.length > 0 ? 'Not sound: the' : 'The'} schema is not as this program makes it: ${listOf(differences)}.\n`,
    );
  }
  if (flaws.length > 0) process.exitCode = 1;
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
