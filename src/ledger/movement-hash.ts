import { hash } from 'node:crypto';
import type { StockMovement } from './stock-movement.entity.js';

/** A movement as it is hashed. */
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

/** The fields that each version covers, in their order. What is stored is checked by them for ever: add, never change. */
const VERSIONS: readonly Fields[] = [
  FIRST_VERSION,
  ['hash_version', ...FIRST_VERSION, 'counted_quantity', 'compensates_id'],
];

/** The version that movements are written with. It covers every field. */
export const HASH_VERSION = VERSIONS.length;

const NEWEST = VERSIONS[HASH_VERSION - 1] as Fields;

/**
 * SHA-256, in hexadecimal, over a movement and the hash of the one before it of the same item: whoever changes a row, or
 * takes one out, breaks the chain from there on. The movement's `hash_version` names the fields that are covered.
 *
 * @param previous the hash of the item's movement before; null for its first
 * @returns undefined for a version that there is not, and for one that leaves a field out which says something
 */
export function movementHash(movement: HashedMovement, previous: string | null): string | undefined {
  const fields = VERSIONS[movement.hash_version - 1];
  if (!fields) return undefined;
  const isSilent = (field: keyof HashedMovement): boolean =>
    field === 'hash_version' || fields.includes(field) || movement[field] === null;
  if (fields !== NEWEST && !NEWEST.every(isSilent)) return undefined;
  return hash('sha256', JSON.stringify([previous, ...fields.map((field) => movement[field])]));
}
