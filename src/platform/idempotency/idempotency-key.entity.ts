import { Column, Entity, Index, PrimaryGeneratedColumn } from 'typeorm';
import { BYTE_ORDER, Timestamp } from '../database/columns.js';
import { ForeignKey, UniqueIndex } from '../database/constraints.js';

export const MAX_KEY_LENGTH = 255;

/** The response to a request with an `Idempotency-Key`, stored in the transaction of the request's changes. */
@Entity('idempotency_keys')
@UniqueIndex({
  name: 'uq_idempotency_keys_user_key',
  columns: ['user_id', 'key'],
  violated: 'This Idempotency-Key has been used already',
  code: 'idempotency_key_in_use',
})
export class IdempotencyKey {
  @PrimaryGeneratedColumn()
  id!: number;

  @Column('integer')
  @ForeignKey('User', { name: 'fk_idempotency_keys_user', onDelete: 'RESTRICT' })
  user_id!: number;

  @Column('varchar', { length: MAX_KEY_LENGTH })
  key!: string;

  /** See `fingerprintOf`. */
  @Column('varchar', { length: 64 })
  fingerprint!: string;

  @Column('integer')
  status!: number;

  /** The text of the body; null without one. Its size is bounded by the request: a batch of 100 movements takes 40 KB. */
  @Column('text', { nullable: true })
  body!: string | null;

  @Column('varchar', { length: 100, nullable: true })
  etag!: string | null;

  @Timestamp(BYTE_ORDER)
  @Index('ix_idempotency_keys_created_at')
  created_at!: string;
}
