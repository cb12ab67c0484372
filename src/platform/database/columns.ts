import { Column, type ColumnOptions } from 'typeorm';

/**
 * A whole number of hundredths (money, percentages) or thousandths (quantities): exact where a binary float is not.
 * 64 bits on both engines; every value the program takes in stays below 2^53.
 */
export function ScaledInteger(options: ColumnOptions = {}): PropertyDecorator {
  return Column({ ...options, type: 'bigint' });
}

/** A timestamp as ISO 8601 text in UTC with milliseconds: `2026-03-01T07:00:00.000Z`. Sorts as it reads, on both engines. */
export function Timestamp(options: ColumnOptions = {}): PropertyDecorator {
  return Column({ ...options, type: 'varchar', length: 24 });
}

/** Makes a text sort byte by byte on both engines: PostgreSQL calls that "C", SQLite knows no other way. */
export const BYTE_ORDER = { collation: 'C' };

/** A name in a form of name-key.ts. */
export function NameKey(options: { length: number; default?: string }): PropertyDecorator {
  return Column({ type: 'varchar', ...options, ...BYTE_ORDER });
}
