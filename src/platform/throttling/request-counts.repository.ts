import { Injectable } from '@nestjs/common';
import { Database } from '../database/database.js';

/** The queries on `request_counts`. The start of a window is a Unix time in milliseconds. */
@Injectable()
export class RequestCountsRepository {
  constructor(private readonly database: Database) {}

  /** Adds requests of an address in a window. Returns the total of all replicas. */
  async add(addressHash: string, windowStart: number, requests: number): Promise<number> {
    const [row] = await this.database.write<{ requests: number }>`
      insert into request_counts (address_hash, window_start, requests)
      values (${addressHash}, ${windowStart}, ${requests})
      on conflict (address_hash) do update set
        window_start = excluded.window_start,
        requests = excluded.requests + case
          when request_counts.window_start = excluded.window_start then request_counts.requests
          else 0
        end
      returning requests`;
    return Number(row?.requests);
  }

  async deleteBefore(windowStart: number): Promise<void> {
    await this.database.write`delete from request_counts where window_start < ${windowStart}`;
  }
}
