import { hash } from 'node:crypto';
import type { StockMovement } from './stock-movement.entity.js';

/** The movements up to one, and a hash over all of their hashes. */
export interface HeadHash {
  /** The last movement that it covers; null when it covers none, and has no hash. */
  id: number | null;
  hash: string | null;
}

export const EMPTY_HEAD: HeadHash = { id: null, hash: null };

/** The head with one more movement, the next one by id. */
export function headAfter(head: HeadHash, movement: Pick<StockMovement, 'id' | 'hash'>): HeadHash {
  return { id: movement.id, hash: hash('sha256', (head.hash ?? '') + movement.hash) };
}
