import { Entity, PrimaryColumn } from 'typeorm';
import { Timestamp } from '../platform/database/columns.js';

/** The name under which the mock data is recorded. */
export const MOCK_DATA = 'mock data';

/** Records what has been seeded, so that data someone deleted does not come back. */
@Entity('seedings')
export class Seeding {
  @PrimaryColumn('varchar', { length: 50, primaryKeyConstraintName: 'pk_seedings' })
  name!: string;

  @Timestamp()
  seeded_at!: string;
}
