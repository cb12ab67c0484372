import { Entity, PrimaryColumn } from 'typeorm';
import { Timestamp } from '../database/columns.js';

/** Remembers what has been seeded, so that it does not come back after a person deleted it. */
@Entity('seedings')
export class Seeding {
  @PrimaryColumn('varchar', { length: 50, primaryKeyConstraintName: 'pk_seedings' })
  name!: string;

  @Timestamp()
  seeded_at!: string;
}
