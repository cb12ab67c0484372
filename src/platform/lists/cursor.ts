import type { SortOrder, Position } from './sort-order.js';

/** Writes down, opaquely, where a page ended: the order, and the position of the page's last row in it. */
export function encodeCursor(order: SortOrder, position: Position): string {
  return Buffer.from(JSON.stringify([order.name, ...position])).toString('base64url');
}

/** The position in a cursor of this order; undefined for a cursor of another order or list, or none at all. */
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
