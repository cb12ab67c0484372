import type { SortOrder, Position } from './sort-order.js';

/** Encodes where a page ended: the sort order, and the position of the last row in it. Opaque to clients. */
export function encodeCursor(order: SortOrder, position: Position): string {
  return Buffer.from(JSON.stringify([order.name, ...position])).toString('base64url');
}

/** The position in a cursor; undefined when it is not a cursor of this list in this sort order. */
export function decodeCursor(cursor: string, order: SortOrder): Position | undefined {
  const [name, ...position] = parse(Buffer.from(cursor, 'base64url').toString());
  return name === order.name && order.isPosition(position) ? position : undefined;
}

function parse(json: string): unknown[] {
  try {
    const value: unknown = JSON.parse(json);
    return Array.isArray(value) ? value : [];
  } catch {
    return [];
  }
}
