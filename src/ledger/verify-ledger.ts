import { LedgerVerification } from './ledger-verification.js';
import type { LedgerVerificationRepository } from './ledger-verification.repository.js';

/** Called with the id of the movement that has been reached, and of the last one. */
export type Progress = (id: number, lastId: number) => void;

export interface VerifiedLedger {
  verification: LedgerVerification;
  /** The head up to a movement, by default the last one. */
  headAt: LedgerVerification['headAt'];
}

/**
 * Computes every hash and every balance again, from one snapshot of the database, while others go on writing.
 *
 * @param untilIds the movements whose head is wanted; an id beyond the last movement means the last one
 */
export async function verifyLedger(
  repository: LedgerVerificationRepository,
  untilIds: Iterable<number>,
  progress: Progress = () => undefined,
): Promise<VerifiedLedger> {
  const lastId = await repository.findLastSettledId();
  const settled = (untilId: number) => Math.min(untilId, lastId);
  const verification = new LedgerVerification(Array.from(untilIds, settled));
  const movements = repository.streamMovements();
  for await (const balances of repository.readBalances(movements)) {
    for (const balance of balances) verification.addBalance(balance);
  }
  for await (const batch of movements) {
    for (const movement of batch) verification.addMovement(movement);
    progress(batch.at(-1)?.id ?? 0, lastId);
  }
  verification.end();
  return { verification, headAt: (untilId) => verification.headAt(settled(untilId)) };
}
