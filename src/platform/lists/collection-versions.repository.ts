import { Injectable } from '@nestjs/common';
import { Database } from '../database/database.js';
import { commaSeparated, sql } from '../database/sql.js';

/** How often some tables have changed, and the time of the last change in milliseconds: a pair that never repeats. */
export interface CollectionVersion {
  changes: number;
  changed_at: number;
}

/** The queries on `collection_versions`, which triggers keep up to date. */
@Injectable()
export class CollectionVersionsRepository {
  constructor(private readonly database: Database) {}

  /** @param snapshot reads in this snapshot instead of the current state */
  async read(
    collections: readonly string[],
    snapshot: Pick<Database, 'read'> = this.database,
  ): Promise<CollectionVersion> {
    const [version] = await snapshot.read<CollectionVersion>`
      select cast(coalesce(sum(changes), 0) as bigint) as changes, coalesce(max(changed_at), 0) as changed_at
      from collection_versions
      where collection in (${commaSeparated(collections.map((collection) => sql`${collection}`))})`;
    return version as CollectionVersion;
  }

  /** The tables whose changes are counted: those with `addVersionCounters`. */
  async findCollections(): Promise<Set<string>> {
    const rows = await this.database.read<{ collection: string }>`
      select distinct collection from collection_versions`;
    return new Set(rows.map(({ collection }) => collection));
  }
}
