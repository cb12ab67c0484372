import { Column, Entity, Index, PrimaryGeneratedColumn } from 'typeorm';
import { BYTE_ORDER, Timestamp } from '../platform/database/columns.js';
import { Check, ForeignKey, UniqueIndex } from '../platform/database/constraints.js';

export enum DailyAccountEventKind {
  Closed = 'closed',
  Opened = 'opened',
}

/**
 * A closing or a reopening of a day. Triggers refuse to update or delete a row. Closings, ordered by sequence, form a hash
 * chain.
 */
@Entity('daily_account_events')
@UniqueIndex({
  name: 'uq_daily_account_events_sequence',
  columns: ['sequence'],
  violated: 'Another day is being closed',
  code: 'conflict',
})
@Index('ix_daily_account_events_account', ['account_id', 'id'])
@Check({
  name: 'ck_daily_account_events_sealed',
  expression: `kind = 'opened' and sequence is null and content is null and hash is null or kind = 'closed' and sequence is not null and content is not null and hash is not null`,
  violated: 'A closing is sealed',
})
export class DailyAccountEvent {
  @PrimaryGeneratedColumn()
  id!: number;

  @Column('integer')
  @ForeignKey('DailyAccount', { name: 'fk_daily_account_events_account', onDelete: 'RESTRICT' })
  account_id!: number;

  @Column('varchar', { length: 10 })
  kind!: DailyAccountEventKind;

  /** Of a closing. */
  @Column('integer', { nullable: true })
  sequence!: number | null;

  /** Why the day was opened again. */
  @Column('varchar', { length: 500, nullable: true })
  reason!: string | null;

  /** Of a closing: the JSON text that its hash covers, with the account, its lines and the hashes of its carts and refunds. */
  @Column('text', { nullable: true })
  content!: string | null;

  /** The hash of the closing with the sequence before; null for the first one. */
  @Column('varchar', { length: 64, nullable: true })
  previous_hash!: string | null;

  /** Of a closing: SHA-256 over `previous_hash` and `content`. */
  @Column('varchar', { length: 64, nullable: true })
  hash!: string | null;

  @Column('integer')
  @ForeignKey('User', { name: 'fk_daily_account_events_created_by', onDelete: 'RESTRICT' })
  created_by!: number;

  @Timestamp(BYTE_ORDER)
  created_at!: string;
}
