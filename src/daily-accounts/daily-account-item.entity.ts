import { Column, Entity, Index, PrimaryGeneratedColumn } from 'typeorm';
import { BYTE_ORDER, ScaledInteger, Timestamp } from '../platform/database/columns.js';
import { ForeignKey } from '../platform/database/constraints.js';
import type { Hundredths, Thousandths } from '../platform/validation/decimal.js';

/** What was sold of an item at one price and one pair of rates on a day. */
@Entity('daily_account_items')
@Index('ix_daily_account_items_account', ['account_id', 'id'])
@Index('ix_daily_account_items_item', ['item_id', 'account_id'])
export class DailyAccountItem {
  @PrimaryGeneratedColumn()
  id!: number;

  @Column('integer')
  @ForeignKey('DailyAccount', { name: 'fk_daily_account_items_account', onDelete: 'RESTRICT' })
  account_id!: number;

  @Column('integer')
  item_id!: number;

  @Column('varchar', { length: 200 })
  item_name!: string;

  @Column('varchar', { length: 50, nullable: true })
  sku!: string | null;

  /** In thousandths of the item's unit. */
  @ScaledInteger()
  quantity!: Thousandths;

  @ScaledInteger()
  unit_price!: Hundredths;

  @ScaledInteger()
  discount_rate!: Hundredths;

  @ScaledInteger()
  tax_rate!: Hundredths;

  /** The sums of the lines of the carts, not computed from the quantity: every line was rounded by itself. */
  @ScaledInteger()
  line_subtotal!: Hundredths;

  @ScaledInteger()
  line_discount!: Hundredths;

  @ScaledInteger()
  line_tax!: Hundredths;

  @ScaledInteger()
  line_total!: Hundredths;

  @Timestamp(BYTE_ORDER)
  created_at!: string;
}
