import { CODINGS, codedTag } from './content-coding.js';
import type { RowVersion } from '../database/row-version.js';

/**
 * Strong entity tags (RFC 9110, section 8.8.3): they name a version that the database keeps, and the form in which this
 * program writes it. Equal tags mean equal answers, byte for byte.
 */

declare const BUILD_ID: string | undefined;

/** Names the build, which build/bundle.js does: another build may send other fields, and its tags are none of this one. */
export const REPRESENTATION = typeof BUILD_ID === 'undefined' ? 'unbuilt' : BUILD_ID;

const ENTITY_TAG = /[\t ]*(W\/)?("[\x21\x23-\x7e\x80-\xff]*")[\t ]*/y;
const ROW_TAG = /-(\d{1,9})-(\d{1,15})"$/;

export function rowTag({ id, version }: RowVersion): string {
  return `"${REPRESENTATION}-${id}-${version}"`;
}

/** The state that a row's tag stands for; undefined for a tag that no row has. */
export function rowStateOf(tag: string): RowVersion | undefined {
  const [, id, version] = ROW_TAG.exec(tag) ?? [];
  const state = { id: Number(id), version: Number(version) };
  return rowTag(state) === tag ? state : undefined;
}

/** The tags in a header, `*` for any; undefined when it is not what RFC 9110 allows there. */
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
 * What an `If-None-Match` knows the answer by: its tag, in whatever coding the client has it. By weak comparison, as
 * proxies that compress make tags weak.
 */
export function findMatchingTag(header: string | undefined, tag: string): string | undefined {
  if (header === undefined) return undefined;
  const known = parseEntityTags(header);
  if (known === '*') return tag;
  const own = [tag, ...CONTENT_CODINGS.map((coding) => encodedTag(tag, coding))];
  return known?.find((one) => own.includes(one.tag))?.tag;
}
