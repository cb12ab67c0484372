import { firstVersion, nextVersion } from '../database/row-version.js';
import type { SqlFragment } from '../database/sql.js';

/** Who changes a row, and when: the columns to set with any other change. */
export function updatedBy(userId: number): { updated_by: number; updated_at: string; version: SqlFragment } {
  return { updated_by: userId, updated_at: new Date().toISOString(), version: nextVersion() };
}

/** Who makes a row, and when: at first, that is also its last change. */
export function createdBy(userId: number): {
  created_by: number;
  updated_by: number;
  created_at: string;
  updated_at: string;
  version: number;
} {
  const now = new Date().toISOString();
  return {
    created_by: userId,
    updated_by: userId,
    created_at: now,
    updated_at: now,
    version: firstVersion(),
  };
}
