import { Column, Entity, PrimaryGeneratedColumn } from 'typeorm';
import { BYTE_ORDER, ScaledInteger, Timestamp } from '../platform/database/columns.js';
import { ForeignKey, UniqueIndex } from '../platform/database/constraints.js';
import type { Hundredths } from '../platform/validation/decimal.js';

/** The account of a trading day, made when the day is closed for the first time. Sums are those of its last closing. */
@Entity('daily_accounts')
@UniqueIndex({
  name: 'uq_daily_accounts_account_date',
  columns: ['account_date'],
  violated: 'The day is closed already',
  code: 'day_closed',
})
export class DailyAccount {
  @PrimaryGeneratedColumn()
  id!: number;

  /** `2026-03-01` */
  @Column('varchar', { length: 10, ...BYTE_ORDER })
  account_date!: string;

  /** Of its last closing: closings of all days are numbered from 1, without a gap. */
  @Column('integer')
  sequence!: number;

  /** What was sold, before refunds. */
  @ScaledInteger()
  subtotal!: Hundredths;

  @ScaledInteger()
  discount_total!: Hundredths;

  @ScaledInteger()
  tax_total!: Hundredths;

  @ScaledInteger()
  total!: Hundredths;

  /** What was paid back on this day. */
  @ScaledInteger()
  refund_total!: Hundredths;

  /** Completed carts. */
  @Column('integer')
  carts_count!: number;

  /** Lines of completed carts. */
  @Column('integer')
  items_count!: number;

  /** Drafts that were still open. */
  @Column('integer')
  open_carts!: number;

  /** What was in the till in the morning. */
  @ScaledInteger({ nullable: true })
  opening_float!: Hundredths | null;

  /** What was in the till in the evening. */
  @ScaledInteger({ nullable: true })
  counted_cash!: Hundredths | null;

  /** `counted_cash` less what should be there. */
  @ScaledInteger({ nullable: true })
  cash_difference!: Hundredths | null;

  @Column('boolean')
  is_closed!: boolean;

  @Timestamp(BYTE_ORDER)
  closed_at!: string;

  @Column('integer')
  @ForeignKey('User', { name: 'fk_daily_accounts_closed_by', onDelete: 'RESTRICT' })
  closed_by!: number;

  /** The last movement that the closing covers, and the hash over all movements up to it; null where there were none. */
  @Column('integer', { nullable: true })
  ledger_head_id!: number | null;

  @Column('varchar', { length: 64, nullable: true })
  ledger_head!: string | null;

  /** That of the last closing: see `DailyAccountEvent`. */
  @Column('varchar', { length: 64 })
  hash!: string;

  /** When it was brought over from the first version: then it has no carts to add up. */
  @Timestamp({ nullable: true, ...BYTE_ORDER })
  adopted_at!: string | null;

  @Column('integer')
  @ForeignKey('User', { name: 'fk_daily_accounts_created_by', onDelete: 'RESTRICT' })
  created_by!: number;

  @Column('integer')
  @ForeignKey('User', { name: 'fk_daily_accounts_updated_by', onDelete: 'RESTRICT' })
  updated_by!: number;

  @Timestamp(BYTE_ORDER)
  created_at!: string;

  @Timestamp(BYTE_ORDER)
  updated_at!: string;
}
