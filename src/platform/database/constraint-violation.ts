import { type DataSource, type EntityMetadata, QueryFailedError } from 'typeorm';
import type { ErrorCode } from '../errors/error-code.js';
import { messagesOf } from './constraints.js';

/**
 * - `taken`: a unique index has the value already.
 * - `missing`: a foreign key names a row that isn't there.
 * - `in use`: a foreign key of other rows names the row to be deleted.
 * - `refused`: a check does not hold.
 */
export type ViolationKind = 'taken' | 'missing' | 'in use' | 'refused';

/** A write that breaks a constraint: which one, with the sentence and the code that its entity gives for it. */
export class ConstraintViolation extends Error {
  readonly code?: ErrorCode;

  constructor(
    readonly kind: ViolationKind,
    readonly constraint: string | undefined,
    options: ErrorOptions,
  ) {
    const { violated, code, inUse, inUseCode } = messagesOf(constraint);
    super((kind === 'in use' ? inUse : violated) ?? GENERAL_SENTENCES[kind], options);
    this.code = kind === 'in use' ? inUseCode : code;
  }
}

const GENERAL_SENTENCES: Record<ViolationKind, string> = {
  taken: 'This already exists',
  missing: 'Something this refers to does not exist',
  'in use': 'Other data still refers to this',
  refused: 'This would break a rule of the data',
};

/** Undefined when the driver's error is about something else. */
export function constraintViolationOf(
  error: unknown,
  dataSource: DataSource,
): ConstraintViolation | undefined {
  if (!(error instanceof QueryFailedError)) return undefined;
  const { code, message, constraint } = error.driverError as Error & { code?: string; constraint?: string };
  const violation = (kind: ViolationKind, name: string | undefined) =>
    new ConstraintViolation(kind, name, { cause: error });
  switch (code) {
    // PostgreSQL: https://www.postgresql.org/docs/current/errcodes-appendix.html
    case '23505':
      return violation('taken', constraint);
    case '23503':
      return violation(message.startsWith('insert or update') ? 'missing' : 'in use', constraint);
    case '23001':
      return violation('in use', constraint);
    case '23514':
      return violation('refused', constraint);
    // SQLite: https://www.sqlite.org/rescode.html
    case 'SQLITE_CONSTRAINT_UNIQUE':
      return violation('taken', uniqueIndexName(message, dataSource));
    case 'SQLITE_CONSTRAINT_FOREIGNKEY':
    case 'SQLITE_CONSTRAINT_TRIGGER':
      return violation(...foreignKeyViolation(error.query, dataSource));
    case 'SQLITE_CONSTRAINT_CHECK':
      return violation('refused', message.split(': ')[1]);
    default:
      return undefined;
  }
}

/** SQLite's message names the columns, not the index: `UNIQUE constraint failed: items.sku`. */
function uniqueIndexName(message: string, dataSource: DataSource): string | undefined {
  const columns = (message.split(': ')[1] ?? '').split(', ').map((column) => column.split('.'));
  const table = columns[0]?.[0];
  const names = columns.map(([, column]) => column);
  return entityOf(table, dataSource)?.indices.find(
    (index) => index.isUnique && index.columns.every((column) => names.includes(column.databaseName)),
  )?.name;
}

/**
 * SQLite's message is `FOREIGN KEY constraint failed`, without a name. A delete breaks the key that refers to its table.
 * An insert or update breaks the key of its own table that has a sentence; the others refer to rows that are never deleted.
 */
function foreignKeyViolation(query: string, dataSource: DataSource): [ViolationKind, string | undefined] {
  const [, verb, table] = /^\s*(delete from|insert into|update)\s+"?(\w+)/i.exec(query) ?? [];
  if (verb?.toLowerCase() === 'delete from') {
    const foreignKeys = dataSource.entityMetadatas.flatMap((entity) => entity.foreignKeys);
    const restricting = foreignKeys.find(
      (key) => key.referencedEntityMetadata.tableName === table && key.onDelete === 'RESTRICT',
    );
    return ['in use', restricting?.name];
  }
  const own = entityOf(table, dataSource)?.foreignKeys ?? [];
  return ['missing', own.find((key) => messagesOf(key.name).violated)?.name];
}

function entityOf(table: string | undefined, dataSource: DataSource): EntityMetadata | undefined {
  return dataSource.entityMetadatas.find((entity) => entity.tableName === table);
}
