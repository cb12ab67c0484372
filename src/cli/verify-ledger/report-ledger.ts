import type { DatabaseLocation } from '../../platform/config/database-url.js';
import { findSchemaDifferences, listOf } from '../../platform/database/schema/check-schema.js';
import { LedgerVerificationRepository } from '../../ledger/ledger-verification.repository.js';
import { type Progress, type VerifiedLedger, verifyLedger } from '../../ledger/verify-ledger.js';
import { withReadOnlyDatabase } from './read-only-database.js';

/** What an operator reads about a ledger. */
export interface LedgerReport {
  lines: string[];
  /** Whether every movement, the stock and the schema are as they should be. */
  isSound: boolean;
}

/** @param untilId the movement whose hash is told; the last one where that comes before */
export async function reportLedger(
  location: DatabaseLocation,
  untilId: number,
  progress: Progress,
): Promise<LedgerReport> {
  return withReadOnlyDatabase(location, async (database, dataSource) => {
    const repository = new LedgerVerificationRepository(database);
    const ledger = await verifyLedger(repository, [untilId], progress);
    const differences = await findSchemaDifferences(dataSource);
    const isSchemaSound = differences.every(({ isHarmless }) => isHarmless);
    const lines = headLines(ledger, untilId);
    if (differences.length > 0) {
      const start = isSchemaSound ? 'The' : 'Not sound: the';
      lines.push(`${start} schema is not as this program makes it: ${listOf(differences)}.`);
    }
    const { firstProblem } = ledger.verification;
    if (firstProblem || isSchemaSound) lines.push(verdictOf(ledger));
    return { lines, isSound: isSchemaSound && !firstProblem };
  });
}

function headLines({ verification, headAt }: VerifiedLedger, untilId: number): string[] {
  const { id, hash } = headAt(untilId);
  return [
    `${verification.movements} movements of ${verification.items} items`,
    `Head ${id ?? 'of none'} ${hash ?? ''}`.trimEnd(),
  ];
}

function verdictOf({ verification: { problems, firstProblem } }: VerifiedLedger): string {
  if (!firstProblem)
    return 'Sound: every movement is as it was written, and the stock is what they add up to.';
  const { movement_id, item_id, problem } = firstProblem;
  const where = movement_id === null ? `item ${item_id}` : `movement ${movement_id}, of item ${item_id}`;
  const count = problems === 1 ? '1 problem' : `${problems} problems, the first`;
  return `Not sound: ${count} at ${where}: ${problem}.`;
}
