import { Column, Entity, PrimaryColumn } from 'typeorm';

/** The number of requests from a busy address to all replicas in one window. */
@Entity('request_counts')
export class RequestCount {
  /** SHA-256 in hexadecimal. */
  @PrimaryColumn('varchar', { length: 64, primaryKeyConstraintName: 'pk_request_counts' })
  address_hash!: string;

  /** Unix time in milliseconds. */
  @Column('bigint')
  window_start!: number;

  @Column('integer')
  requests!: number;
}
