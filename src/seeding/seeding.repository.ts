import { Injectable } from '@nestjs/common';
import { Database } from '../platform/database/database.js';

/** The queries on `seedings`. */
@Injectable()
export class SeedingRepository {
  constructor(private readonly database: Database) {}

  /** Answers true the first time, and never again. */
  async claim(name: string): Promise<boolean> {
    const rows = await this.database.write`
      insert into seedings (name, seeded_at) values (${name}, ${this.database.clock.timestamp()})
      on conflict do nothing returning name`;
    return rows.length > 0;
  }
}
