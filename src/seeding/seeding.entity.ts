import { Entity, PrimaryColumn } from 'typeorm';
import { Timestamp } from '../platform/database/columns.js';

/** What the goods to try things out with are called here. */
export const MOCK_DATA = 'mock data';

/** Remembers what has been seeded, so that it does not come back after a person deleted it. */
@Entity('seedings')
export class Seeding {
  @PrimaryColumn('varchar', { length: 50, primaryKeyConstraintName: 'pk_seedings' })
  name!: string;

  @Timestamp()
  seeded_at!: string;
}
