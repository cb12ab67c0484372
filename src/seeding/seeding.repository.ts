import { Injectable } from '@nestjs/common';
import { Database } from '../platform/database/database.js';

/** The queries on `seedings`. */
@Injectable()
export class SeedingRepository {
  constructor(private readonly database: Database) {}

  /** Records a seeding. Returns true the first time only. */
  async claim(name: string): Promise<boolean> {
    const rows = await this.database.write`
      insert into seedings (name, seeded_at) values (${name}, ${this.database.clock.timestamp()})
      on conflict do nothing returning name`;
    return rows.length > 0;
  }
}
