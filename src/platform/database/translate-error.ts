import type { DataSource } from 'typeorm';
import { constraintViolationOf } from './constraint-violation.js';
import { databaseUnavailableOf } from './database-unavailable.js';

/** What a failure of a statement means: a ConstraintViolation, a DatabaseUnavailable, or itself when it is neither. */
export function translateError(error: unknown, dataSource: DataSource): unknown {
  return constraintViolationOf(error, dataSource) ?? databaseUnavailableOf(error) ?? error;
}
