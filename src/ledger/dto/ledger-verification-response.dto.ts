import type { HeadHash } from '../head-hash.js';
import type { LedgerVerification } from '../ledger-verification.js';

/** The first problem in the ledger. */
export class LedgerProblemResponse {
  /** The movement that is wrong; null if it is the quantity in stock. */
  movement_id!: number | null;

  /** @example 1 */
  item_id!: number;

  /**
   * What is wrong with it, in one sentence.
   * @example "There is 12.5 in stock, and its movements add up to 14"
   */
  problem!: string;
}

export class LedgerVerificationResponse {
  /** Whether every movement is unchanged, and the stock is the sum of its movements. */
  is_valid!: boolean;

  /**
   * How many movements there are.
   * @example 4711
   */
  movements!: number;

  /**
   * How many items have movements, those that have been deleted included.
   * @example 32
   */
  items!: number;

  /**
   * The last movement that `head_hash` covers.
   * @example 4711
   */
  head_id!: number | null;

  /**
   * SHA-256 over the hashes of all movements up to `head_id`. It never changes: keep it to prove later that no movement up to
   * there was changed or removed.
   * @example "9f86d081884c7d65…"
   */
  head_hash!: string | null;

  /**
   * How many movements and quantities are wrong.
   * @example 0
   */
  problems!: number;

  /** The first problem; null if there is none. */
  first_problem!: LedgerProblemResponse | null;
}

export function ledgerVerificationResponseOf(
  { movements, items, problems, firstProblem }: LedgerVerification,
  head: HeadHash,
): LedgerVerificationResponse {
  return {
    is_valid: problems === 0,
    movements,
    items,
    head_id: head.id,
    head_hash: head.hash,
    problems,
    first_problem: firstProblem,
  };
}
