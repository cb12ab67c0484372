import type { QueryRunner } from 'typeorm';

/** The few words of DDL that SQLite and PostgreSQL spell differently. */
export function dialectOf(queryRunner: QueryRunner): { primaryKey: string; binaryOrder: string } {
  return queryRunner.dataSource.options.type === 'postgres'
    ? { primaryKey: 'serial primary key', binaryOrder: 'collate "C"' }
    : {
        // Without `autoincrement` SQLite gives the highest id again after its row is deleted.
        primaryKey: 'integer primary key autoincrement not null',
        binaryOrder: '',
      };
}
