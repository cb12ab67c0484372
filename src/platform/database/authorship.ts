import { nextVersion } from './row-version.js';
import type { SqlFragment } from './sql.js';

/**
 * Who changes a row, and when: the columns to set with any other change.
 *
 * @param now by the database's clock, in milliseconds
 */
export function updatedBy(
  userId: number,
  now: number,
): { updated_by: number; updated_at: string; version: SqlFragment } {
  return { updated_by: userId, updated_at: new Date(now).toISOString(), version: nextVersion(now) };
}

/**
 * Who makes a row, and when: at first, that is also its last change.
 *
 * @param now by the database's clock, in milliseconds
 */
export function createdBy(
  userId: number,
  now: number,
): {
  created_by: number;
  updated_by: number;
  created_at: string;
  updated_at: string;
  version: number;
} {
  const timestamp = new Date(now).toISOString();
  return {
    created_by: userId,
    updated_by: userId,
    created_at: timestamp,
    updated_at: timestamp,
    version: now,
  };
}
