import { Column, Entity, Index, PrimaryGeneratedColumn } from 'typeorm';
import { Timestamp } from '../platform/database/columns.js';
import { ForeignKey } from '../platform/database/constraints.js';

export const MAX_USER_AGENT_LENGTH = 255;

/** As text, an IPv6 address with an IPv4 address in it is the longest. */
export const MAX_ADDRESS_LENGTH = 45;

/** A login on one device, for as long as it can be refreshed. Revoking it deletes the row, and its tokens with it. */
@Entity('sessions')
export class Session {
  @PrimaryGeneratedColumn()
  id!: number;

  @Column('integer')
  @Index('ix_sessions_user')
  @ForeignKey('User', { name: 'fk_sessions_user', onDelete: 'CASCADE' })
  user_id!: number;

  /** What the device said of itself when it logged in. */
  @Column('varchar', { length: MAX_USER_AGENT_LENGTH, nullable: true })
  user_agent!: string | null;

  /** The IP address of that login. */
  @Column('varchar', { length: MAX_ADDRESS_LENGTH, nullable: true })
  address!: string | null;

  @Timestamp()
  created_at!: string;

  /** When it was opened or last refreshed. */
  @Timestamp()
  last_used_at!: string;

  @Timestamp()
  @Index('ix_sessions_expires_at')
  expires_at!: string;
}
