import type { DatabaseLocation } from '../../platform/config/database-url.js';
import { findSchemaDifferences, listOf } from '../../platform/database/schema/check-schema.js';
import { LedgerVerificationRepository } from '../../ledger/ledger-verification.repository.js';
import { type Progress, type VerifiedLedger, verifyLedger } from '../../ledger/verify-ledger.js';
import { withReadOnlyDatabase } from './read-only-database.js';

/** The result of a verification for the operator. */
export interface LedgerReport {
  lines: string[];
  /** Whether all movements, the stock and the schema are valid. */
  isValid: boolean;
}

/** @param untilId the movement as of which to report the head; Infinity for the last one */
export async function reportLedger(
  location: DatabaseLocation,
  untilId: number,
  progress: Progress,
): Promise<LedgerReport> {
  return withReadOnlyDatabase(location, async (database, dataSource) => {
    const repository = new LedgerVerificationRepository(database);
    const ledger = await verifyLedger(repository, [untilId], progress);
    const differences = await findSchemaDifferences(dataSource);
    const isSchemaValid = differences.every(({ isHarmless }) => isHarmless);
    const lines = headLines(ledger, untilId);
    if (differences.length > 0) {
      const start = isSchemaValid ? 'The' : 'Not valid: the';
      lines.push(`${start} schema is not as this program makes it: ${listOf(differences)}.`);
    }
    const { firstProblem } = ledger.verification;
    if (firstProblem || isSchemaValid) lines.push(resultLineOf(ledger));
    return { lines, isValid: isSchemaValid && !firstProblem };
  });
}

function headLines({ verification, headAt }: VerifiedLedger, untilId: number): string[] {
  const { id, hash } = headAt(untilId);
  return [
    `${verification.movements} movements of ${verification.items} items`,
    `Head ${id ?? 'of none'} ${hash ?? ''}`.trimEnd(),
  ];
}

function resultLineOf({ verification: { problems, firstProblem } }: VerifiedLedger): string {
  if (!firstProblem) return 'Valid: every movement is unchanged, and the movements add up to the stock.';
  const { movement_id, item_id, problem } = firstProblem;
  const where = movement_id === null ? `item ${item_id}` : `movement ${movement_id} of item ${item_id}`;
  const count = problems === 1 ? '1 problem' : `${problems} problems, the first`;
  return `Not valid: ${count} at ${where}: ${problem}.`;
}
