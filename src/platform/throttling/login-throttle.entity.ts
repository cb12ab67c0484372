import { Column, Entity, Index, PrimaryColumn } from 'typeorm';
import { Timestamp } from '../database/columns.js';

/** Failed logins of a throttle key: an account at an address, an account, or an address. */
@Entity('login_throttles')
export class LoginThrottle {
  /** SHA-256 of the key in hexadecimal. Hashed, because people sometimes type their password as the username. */
  @PrimaryColumn('varchar', { length: 64, primaryKeyConstraintName: 'pk_login_throttles' })
  subject_hash!: string;

  /** Free failures left. At 0 or less, each failure delays the next login. */
  @Column('integer')
  failures_left!: number;

  /** Unix time in milliseconds, because the database adds the delay. */
  @Column('bigint')
  waits_until!: number;

  /** True for an account at an address where it has logged in. */
  @Column('boolean')
  is_known!: boolean;

  @Timestamp()
  @Index('ix_login_throttles_expires_at')
  expires_at!: string;
}
