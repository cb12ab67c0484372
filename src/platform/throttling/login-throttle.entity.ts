import { Column, Entity, Index, PrimaryColumn } from 'typeorm';
import { Timestamp } from '../database/columns.js';

/** The failed logins of an account at an address, of an account, or of an address. */
@Entity('login_throttles')
export class LoginThrottle {
  /** SHA-256, in hexadecimal, of who is counted: now and then, a password is typed where the username belongs. */
  @PrimaryColumn('varchar', { length: 64, primaryKeyConstraintName: 'pk_login_throttles' })
  subject_hash!: string;

  /** How many more are free; from 0 down, each makes the next login wait. */
  @Column('integer')
  failures_left!: number;

  /** In milliseconds since 1970: the database adds the wait. */
  @Column('bigint')
  waits_until!: number;

  /** True of an account at an address where it has logged in. */
  @Column('boolean')
  is_known!: boolean;

  @Timestamp()
  @Index('ix_login_throttles_expires_at')
  expires_at!: string;
}
