import { Column, Entity, Index, PrimaryGeneratedColumn } from 'typeorm';
import { BYTE_ORDER, Timestamp } from '../database/columns.js';
import { ForeignKey, UniqueIndex } from '../database/constraints.js';

export const MAX_KEY_LENGTH = 255;

/** What a request with an `Idempotency-Key` was answered, written in the transaction of what it changed. */
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

  /** Of the request: see `fingerprintOf`. */
  @Column('varchar', { length: 64 })
  fingerprint!: string;

  @Column('integer')
  status!: number;

  /** As it was sent; null when there was none. The limits of a request bound it: a batch of 100 movements takes 40 KB. */
  @Column('text', { nullable: true })
  body!: string | null;

  @Column('varchar', { length: 100, nullable: true })
  etag!: string | null;

  @Timestamp(BYTE_ORDER)
  @Index('ix_idempotency_keys_created_at')
  created_at!: string;
}
