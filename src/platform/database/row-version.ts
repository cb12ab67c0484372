import { Column } from 'typeorm';
import { type SqlFragment, sql } from './sql.js';

/** One version of one row, which is what the row's strong ETag stands for. It never comes again once the row is changed. */
export interface RowVersion {
  id: number;
  version: number;
}

/** The version of a row. It grows with each change and is never below the time of the change in milliseconds. */
export function RowVersionColumn(): PropertyDecorator {
  return Column({ type: 'bigint', default: 0 });
}

/**
 * The version to set with any change of a row. A row is inserted with `now` itself.
 *
 * @param now by the database's clock, in milliseconds
 */
export function nextVersion(now: number): SqlFragment {
  return sql`case when version >= ${now} then version + 1 else ${now} end`;
}

/** A condition: the row has one of these versions. Always true when none are given. */
export function hasOneOfVersions(versions: RowVersion[] | undefined): SqlFragment {
  if (!versions) return sql`true`;
  const isIn = ({ id, version }: RowVersion) => sql`(id = ${id} and version = ${version})`;
  return sql`(${versions.map(isIn).reduce((any, one) => sql`${any} or ${one}`, sql`false`)})`;
}
