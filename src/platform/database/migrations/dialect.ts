import type { QueryRunner } from 'typeorm';

/** What SQLite and PostgreSQL spell differently in a migration. */
export interface Dialect {
  primaryKey: string;
  binaryOrder: string;
  /** The nth parameter of a statement, from 1. */
  placeholder: (position: number) => string;
}

export function dialectOf(queryRunner: QueryRunner): Dialect {
  return queryRunner.dataSource.options.type === 'postgres'
    ? {
        primaryKey: 'serial primary key',
        binaryOrder: 'collate "C"',
        placeholder: (position) => `$${position}`,
      }
    : {
        // Without `autoincrement` SQLite gives the highest id again after its row is deleted.
        primaryKey: 'integer primary key autoincrement not null',
        binaryOrder: '',
        placeholder: () => '?',
      };
}
