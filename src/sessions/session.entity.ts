import { Column, Entity, Index, PrimaryGeneratedColumn } from 'typeorm';
import { Timestamp } from '../platform/database/columns.js';
import { ForeignKey } from '../platform/database/constraints.js';

export const MAX_USER_AGENT_LENGTH = 255;

/** The longest IP address as text: IPv6 with an embedded IPv4 address. */
export const MAX_ADDRESS_LENGTH = 45;

/** A login on one device that can still be refreshed. Revoking a session deletes the row and its tokens. */
@Entity('sessions')
export class Session {
  @PrimaryGeneratedColumn()
  id!: number;

  @Column('integer')
  @Index('ix_sessions_user')
  @ForeignKey('User', { name: 'fk_sessions_user', onDelete: 'CASCADE' })
  user_id!: number;

  /** The `User-Agent` header of the login. */
  @Column('varchar', { length: MAX_USER_AGENT_LENGTH, nullable: true })
  user_agent!: string | null;

  /** The IP address of the login. */
  @Column('varchar', { length: MAX_ADDRESS_LENGTH, nullable: true })
  address!: string | null;

  @Timestamp()
  created_at!: string;

  /** When it was created or last refreshed. */
  @Timestamp()
  last_used_at!: string;

  @Timestamp()
  @Index('ix_sessions_expires_at')
  expires_at!: string;
}
