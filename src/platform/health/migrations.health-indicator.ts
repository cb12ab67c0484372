import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { type HealthCheckAttempt, HealthIndicatorService } from '@nestjs/terminus';
import type { DataSource } from 'typeorm';

const TIMEOUT_MS = 1_000;

@Injectable()
export class MigrationsHealthIndicator {
  constructor(
    private readonly indicators: HealthIndicatorService,
    @InjectDataSource() private readonly dataSource: DataSource,
  ) {}

  /** Down while a migration is pending, or when the database can't be read. */
  check<Key extends string>(key: Key): HealthCheckAttempt<Key> {
    return this.indicators
      .check(key)
      .attempt(async () => {
        if (await this.dataSource.showMigrations()) throw new Error('pending');
      })
      .withTimeout(TIMEOUT_MS);
  }
}
