import { hash } from 'node:crypto';
import { REPRESENTATION } from '../http/entity-tag.js';
import type { CollectionVersion } from './collection-versions.repository.js';

/**
 * The entity tag of a list.
 *
 * @param url of the request: another page, filter or sort order is another list
 */
export function listTag({ changes, changed_at }: CollectionVersion, url: string): string {
  return `"${REPRESENTATION}-${changes}-${changed_at}-${hash('sha1', url, 'base64url')}"`;
}
