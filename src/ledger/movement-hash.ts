import { hash } from 'node:crypto';
import type { StockMovement } from './stock-movement.entity.js';

/** A movement as it is hashed. */
export type HashedMovement = Omit<StockMovement, 'hash'>;

/**
 * SHA-256, in hexadecimal, over a movement and the hash of the one before it of the same item: whoever changes a row, or
 * takes one out, breaks the chain from there on. What is stored is checked by it for ever, so it never changes.
 *
 * @param previous the hash of the item's movement before; null for its first
 */
export function movementHash(movement: HashedMovement, previous: string | null): string {
  return hash(
    'sha256',
    JSON.stringify([
      previous,
      movement.id,
      movement.item_id,
      movement.stock_entry_id,
      movement.item_name,
      movement.sku,
      movement.delta,
      movement.quantity_before,
      movement.quantity_after,
      movement.reason,
      movement.note,
      movement.reference,
      movement.occurred_at,
      movement.recorded_at,
      movement.created_by,
      movement.reverses_id,
    ]),
  );
}
