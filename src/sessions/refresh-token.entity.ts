import { Column, Entity, Index, PrimaryColumn } from 'typeorm';
import { Timestamp } from '../platform/database/columns.js';
import { ForeignKey } from '../platform/database/constraints.js';

/** A refresh token of a session: the current one, or one that was rotated. */
@Entity('refresh_tokens')
export class RefreshToken {
  /** SHA-256 of the token in hexadecimal, so that a leaked database contains no usable token. */
  @PrimaryColumn('varchar', { length: 64, primaryKeyConstraintName: 'pk_refresh_tokens' })
  token_hash!: string;

  @Column('integer')
  @Index('ix_refresh_tokens_session')
  @ForeignKey('Session', { name: 'fk_refresh_tokens_session', onDelete: 'CASCADE' })
  session_id!: number;

  /** When it was replaced; null for the current token. */
  @Timestamp({ nullable: true })
  rotated_at!: string | null;
}
