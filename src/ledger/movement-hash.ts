import { hash } from 'node:crypto';
import type { StockMovement } from './stock-movement.entity.js';

/** What the hash of a movement covers. */
export type HashedMovement = Omit<StockMovement, 'hash'>;

type Fields = readonly (keyof HashedMovement)[];

const FIRST_VERSION: Fields = [
  'id',
  'item_id',
  'stock_entry_id',
  'item_name',
  'sku',
  'delta',
  'quantity_before',
  'quantity_after',
  'reason',
  'note',
  'reference',
  'occurred_at',
  'recorded_at',
  'created_by',
  'reverses_id',
];

const SECOND_VERSION: Fields = ['hash_version', ...FIRST_VERSION, 'counted_quantity', 'compensates_id'];

/** The fields of each version, in order. Stored hashes are verified by them for ever: add a version, never change one. */
const VERSIONS: readonly Fields[] = [
  FIRST_VERSION,
  SECOND_VERSION,
  [...SECOND_VERSION, 'unit_price', 'unit_cost', 'cart_id'],
];

/** The version of new movements. It covers every field. */
export const HASH_VERSION = VERSIONS.length;

const NEWEST = VERSIONS[HASH_VERSION - 1] as Fields;

/**
 * SHA-256, in hexadecimal, over a movement and the hash of the item's movement before it. Changing or deleting a row breaks
 * the chain from there on. The movement's `hash_version` says which fields are covered.
 *
 * @param previous the hash of the item's movement before; null for the first one
 * @returns undefined for an unknown version, and for a version that leaves out a field that is not null
 */
export function movementHash(movement: HashedMovement, previous: string | null): string | undefined {
  const fields = VERSIONS[movement.hash_version - 1];
  if (!fields) return undefined;
  const isSilent = (field: keyof HashedMovement): boolean =>
    field === 'hash_version' || fields.includes(field) || movement[field] === null;
  if (fields !== NEWEST && !NEWEST.every(isSilent)) return undefined;
  return hash('sha256', JSON.stringify([previous, ...fields.map((field) => movement[field])]));
}
