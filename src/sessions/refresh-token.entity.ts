import { Column, Entity, Index, PrimaryColumn } from 'typeorm';
import { Timestamp } from '../platform/database/columns.js';
import { ForeignKey } from '../platform/database/constraints.js';

/** A refresh token of a session: the one that is good, and those it came from by rotation. */
@Entity('refresh_tokens')
export class RefreshToken {
  /** SHA-256 of the token, in hexadecimal: the token itself can't be read back. */
  @PrimaryColumn('varchar', { length: 64, primaryKeyConstraintName: 'pk_refresh_tokens' })
  token_hash!: string;

  @Column('integer')
  @Index('ix_refresh_tokens_session')
  @ForeignKey('Session', { name: 'fk_refresh_tokens_session', onDelete: 'CASCADE' })
  session_id!: number;

  /** When a successor took its place; null while it is the one that is good. */
  @Timestamp({ nullable: true })
  rotated_at!: string | null;
}
