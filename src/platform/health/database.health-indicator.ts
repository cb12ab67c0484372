import { Injectable } from '@nestjs/common';
import { type HealthCheckAttempt, HealthIndicatorService } from '@nestjs/terminus';
import { Database } from '../database/database.js';

const TIMEOUT_MS = 1_000;

@Injectable()
export class DatabaseHealthIndicator {
  constructor(
    private readonly indicators: HealthIndicatorService,
    private readonly database: Database,
  ) {}

  /** Down when the database can't be reached, or can only be read: most requests would fail. */
  check<Key extends string>(key: Key): HealthCheckAttempt<Key> {
    return this.indicators
      .check(key)
      .attempt(() => this.database.assertWritable())
      .withTimeout(TIMEOUT_MS);
  }
}
