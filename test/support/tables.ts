import type { DataSource } from 'typeorm';

type Row = Record<string, unknown>;

/** Every row of every entity's table, to compare what is there before with what is there after. */
export async function readTables(dataSource: DataSource): Promise<Record<string, Row[]>> {
  const tables: Record<string, Row[]> = {};
  for (const table of tableNamesOf(dataSource)) {
    tables[table] = await dataSource.query<Row[]>(`select * from ${table} order by 1`);
  }
  return tables;
}

/** The tables of the entities, in alphabetical order. */
export function tableNamesOf(dataSource: DataSource): string[] {
  return dataSource.entityMetadatas.map(({ tableName }) => tableName).sort();
}
