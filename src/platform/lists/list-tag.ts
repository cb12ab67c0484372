import { hash } from 'node:crypto';
import type { Role } from '../authorization/role.js';
import { REPRESENTATION } from '../http/entity-tag.js';
import type { CollectionVersion } from './collection-versions.repository.js';

/** What a list depends on besides its tables. */
export interface ListAudience {
  /** Of the request: another page, filter or sort order is another list. */
  url: string;
  /** Of the current user, where it matters. */
  role: Role | undefined;
}

/** The entity tag of a list. */
export function listTag({ changes, changed_at }: CollectionVersion, { url, role }: ListAudience): string {
  const list = hash('sha1', role === undefined ? url : `${role} ${url}`, 'base64url');
  return `"${REPRESENTATION}-${changes}-${changed_at}-${list}"`;
}
