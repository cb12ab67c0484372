import { fromHundredths } from '../../platform/validation/decimal.js';
import { readContent } from '../closing-seal.js';
import type { DailyAccountEvent, DailyAccountEventKind } from '../daily-account-event.entity.js';

export class DailyAccountEventResponse {
  /** @example 1 */
  id!: number;

  /**
   * The id of the account.
   * @example 1
   */
  account_id!: number;

  /**
   * Whether the day was closed or opened again.
   * @example "closed"
   */
  kind!: DailyAccountEventKind;

  /**
   * The number of a closing; null for a reopening.
   * @example 1
   */
  sequence!: number | null;

  /** Why the day was opened again. */
  reason!: string | null;

  /**
   * What was sold by this closing; null for a reopening.
   * @example 31.5
   */
  total!: number | null;

  /**
   * What was paid back by this closing; null for a reopening.
   * @example 0
   */
  refund_total!: number | null;

  /**
   * The hash of the closing with the sequence before.
   * @example null
   */
  previous_hash!: string | null;

  /**
   * SHA-256 over this closing and the one before it; null for a reopening.
   * @example "60303ae22b998861…"
   */
  hash!: string | null;

  /**
   * The id of the user who did it.
   * @example 2
   */
  created_by!: number;

  /**
   * When it was done.
   * @example "2026-03-01T19:00:00.000Z"
   */
  created_at!: string;
}

export function dailyAccountEventResponseOf(event: DailyAccountEvent): DailyAccountEventResponse {
  const { id, account_id, kind, sequence, reason, previous_hash, hash, created_by, created_at } = event;
  const closed = event.content === null ? undefined : readContent(event.content)?.account;
  return {
    id,
    account_id,
    kind,
    sequence,
    reason,
    total: closed ? fromHundredths(closed.total) : null,
    refund_total: closed ? fromHundredths(closed.refund_total) : null,
    previous_hash,
    hash,
    created_by,
    created_at,
  };
}
