import { CONTENT_CODINGS, encodedTag } from './content-coding.js';
import type { RowVersion } from '../database/row-version.js';

/**
 * Strong entity tags (RFC 9110, section 8.8.3). A tag names a version in the database and the representation in which this
 * program writes it. Equal tags mean equal bodies, byte for byte.
 */

declare const BUILD_ID: string | undefined;

/** Names the build, which build/bundle.js does: another build may send other fields, and its tags are none of this one. */
export const REPRESENTATION = typeof BUILD_ID === 'undefined' ? 'unbuilt' : BUILD_ID;

const ENTITY_TAG = /[\t ]*(W\/)?("[\x21\x23-\x7e\x80-\xff]*")[\t ]*/y;
const ROW_TAG = /-(\d{1,9})-(\d{1,15})(-owner)?"$/;

/** @param isForOwners whether the row is shown with what only owners see: other bytes need another tag */
export function rowTag({ id, version }: RowVersion, isForOwners = false): string {
  return `"${REPRESENTATION}-${id}-${version}${isForOwners ? '-owner' : ''}"`;
}

/** Returns the row version of a row's tag, whoever it was shown to; undefined for any other tag. */
export function rowVersionOf(tag: string): RowVersion | undefined {
  const [, id, version, forOwners] = ROW_TAG.exec(tag) ?? [];
  const row = { id: Number(id), version: Number(version) };
  return rowTag(row, forOwners !== undefined) === tag ? row : undefined;
}

/** Parses `If-Match` or `If-None-Match`: its tags, or `*` for any tag. Returns undefined for an invalid header. */
export function parseEntityTags(header: string): { tag: string; isWeak: boolean }[] | '*' | undefined {
  if (header.trim() === '*') return '*';
  const tags: { tag: string; isWeak: boolean }[] = [];
  for (let at = 0; at < header.length; at++) {
    ENTITY_TAG.lastIndex = at;
    const [matched, weak, tag] = ENTITY_TAG.exec(header) ?? [];
    if (matched !== undefined && tag !== undefined) {
      tags.push({ tag, isWeak: weak !== undefined });
      at += matched.length;
    }
    // Commas stand between tags, and a list may have empty elements (section 5.6.1).
    if (at < header.length && !/[,\t ]/.test(header[at] ?? '')) return undefined;
  }
  return tags.length > 0 ? tags : undefined;
}

/**
 * Returns the tag in `If-None-Match` that matches the response, in any coding; undefined when none does. Compares weakly,
 * because proxies that compress make tags weak.
 */
export function findMatchingTag(header: string | undefined, tag: string): string | undefined {
  if (header === undefined) return undefined;
  const known = parseEntityTags(header);
  if (known === '*') return tag;
  const own = [tag, ...CONTENT_CODINGS.map((coding) => encodedTag(tag, coding))];
  return known?.find((one) => own.includes(one.tag))?.tag;
}
