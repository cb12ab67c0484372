import { Column, Entity, Index, PrimaryGeneratedColumn } from 'typeorm';
import { Timestamp } from '../database/columns.js';
import { ForeignKey, UniqueIndex } from '../database/constraints.js';

/** A refresh token that is still good. Revoking one deletes its row. */
@Entity('refresh_tokens')
@UniqueIndex({
  name: 'uq_refresh_tokens_hash',
  columns: ['token_hash'],
  violated: 'This token exists already',
})
export class RefreshToken {
  @PrimaryGeneratedColumn()
  id!: number;

  @Column('integer')
  @Index('ix_refresh_tokens_user')
  @ForeignKey('User', { name: 'fk_refresh_tokens_user', onDelete: 'CASCADE' })
  user_id!: number;

  /** SHA-256 of the token, in hexadecimal: the token itself can't be read back. */
  @Column('varchar', { length: 64 })
  token_hash!: string;

  @Timestamp()
  created_at!: string;

  @Timestamp()
  @Index('ix_refresh_tokens_expires_at')
  expires_at!: string;
}
