import type { DataSource } from 'typeorm';
import { constraintViolationOf } from './constraint-violation.js';
import { databaseUnavailableOf } from './database-unavailable.js';

/** The domain error of a driver's error: ConstraintViolation or DatabaseUnavailable; the error itself when it is neither. */
export function translateError(error: unknown, dataSource: DataSource): unknown {
  return constraintViolationOf(error, dataSource) ?? databaseUnavailableOf(error) ?? error;
}
