import type { DatabaseLocation } from '../../platform/config/database-url.js';
import { findSchemaDifferences, listOf } from '../../platform/database/schema/check-schema.js';
import { SalesVerificationRepository } from '../../carts/sales-verification.repository.js';
import { AccountVerificationRepository } from '../../daily-accounts/account-verification.repository.js';
import { type SalesProblem, type VerifiedSales, verifySales } from '../../daily-accounts/verify-sales.js';
import { LedgerVerificationRepository } from '../../ledger/ledger-verification.repository.js';
import { type VerifiedLedger, verifyLedger } from '../../ledger/verify-ledger.js';
import { withReadOnlyDatabase } from './read-only-database.js';

/** The result of a verification for the operator. */
export interface LedgerReport {
  lines: string[];
  /** Whether all movements, the stock, all sales, closed days and the schema are valid. */
  isValid: boolean;
}

/** Called with what is verified at the moment, how much of it is done, and how much there is. */
export type Progress = (what: 'Movement' | 'Cart', done: number, total: number) => void;

/** @param untilId the movement as of which to report the head; Infinity for the last one */
export async function reportLedger(
  location: DatabaseLocation,
  untilId: number,
  progress: Progress,
): Promise<LedgerReport> {
  return withReadOnlyDatabase(location, async (database, dataSource) => {
    const accounts = new AccountVerificationRepository(database);
    const headIds = await accounts.findLedgerHeadIds();
    const ledger = await verifyLedger(
      new LedgerVerificationRepository(database),
      [untilId, ...headIds],
      (id, lastId) => {
        progress('Movement', id, lastId);
      },
    );
    const sales = await verifySales(
      new SalesVerificationRepository(database),
      accounts,
      new Map(headIds.map((id) => [id, ledger.headAt(id).hash])),
      (carts, total) => {
        progress('Cart', carts, total);
      },
    );
    const differences = await findSchemaDifferences(dataSource);
    const isSchemaValid = differences.every(({ isHarmless }) => isHarmless);
    const lines = [...headLines(ledger, untilId), ...salesLines(sales)];
    if (differences.length > 0) {
      const start = isSchemaValid ? 'The' : 'Not valid: the';
      lines.push(`${start} schema is not as this program makes it: ${listOf(differences)}.`);
    }
    const { firstProblem } = ledger.verification;
    if (sales.firstProblem) lines.push(problemLineOf(sales.problems, sales.firstProblem));
    if (firstProblem || (isSchemaValid && !sales.firstProblem)) lines.push(resultLineOf(ledger));
    return { lines, isValid: isSchemaValid && !firstProblem && !sales.firstProblem };
  });
}

function headLines({ verification, headAt }: VerifiedLedger, untilId: number): string[] {
  const { id, hash } = headAt(untilId);
  return [
    `${verification.movements} movements of ${verification.items} items`,
    `Head ${id ?? 'of none'} ${hash ?? ''}`.trimEnd(),
  ];
}

/** Nothing for a shop that has sold nothing in carts. */
function salesLines({ carts, refunds, closedDays }: VerifiedSales): string[] {
  return carts + refunds + closedDays > 0
    ? [`${carts} completed carts, ${refunds} refunds, ${closedDays} closed days`]
    : [];
}

function problemLineOf(problems: number, firstProblem: SalesProblem): string {
  const { account_date, cart_id, cart_item_id, refund_id, problem } = firstProblem;
  const places = [
    account_date !== null && `the account of ${account_date}`,
    cart_id != null && `cart ${cart_id}`,
    cart_item_id != null && `line ${cart_item_id}`,
    refund_id != null && `refund ${refund_id}`,
  ];
  const where = places.filter(Boolean).join(', ');
  const count = problems === 1 ? '1 problem' : `${problems} problems, the first`;
  return `Not valid: ${count} at ${where}: ${problem}.`;
}

function resultLineOf({ verification: { problems, firstProblem } }: VerifiedLedger): string {
  if (!firstProblem) return 'Valid: every movement is unchanged, and the movements add up to the stock.';
  const { movement_id, item_id, problem } = firstProblem;
  const where = movement_id === null ? `item ${item_id}` : `movement ${movement_id} of item ${item_id}`;
  const count = problems === 1 ? '1 problem' : `${problems} problems, the first`;
  return `Not valid: ${count} at ${where}: ${problem}.`;
}
