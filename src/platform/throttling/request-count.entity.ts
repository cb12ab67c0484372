import { Column, Entity, PrimaryColumn } from 'typeorm';

/** The requests of a busy address to all replicas, in one window. */
@Entity('request_counts')
export class RequestCount {
  /** SHA-256, in hexadecimal. */
  @PrimaryColumn('varchar', { length: 64, primaryKeyConstraintName: 'pk_request_counts' })
  address_hash!: string;

  /** In milliseconds since 1970. */
  @Column('bigint')
  window_start!: number;

  @Column('integer')
  requests!: number;
}
