import { Column, Entity, Index, PrimaryGeneratedColumn } from 'typeorm';
import { BYTE_ORDER, ScaledInteger, Timestamp } from '../platform/database/columns.js';
import { ForeignKey } from '../platform/database/constraints.js';
import type { Hundredths, TenThousandths } from '../platform/validation/decimal.js';

/**
 * The price, rates and cost that an item had from a time on, until its next row. Triggers on `items` write a row with each
 * change, and triggers refuse to update or delete one. Rows outlive the item, so they have no foreign key to it.
 */
@Entity('item_prices')
@Index('ix_item_prices_item', ['item_id', 'valid_from', 'id'])
export class ItemPrice {
  @PrimaryGeneratedColumn()
  id!: number;

  @Column('integer')
  item_id!: number;

  /** In hundredths of the shop's currency. */
  @ScaledInteger()
  unit_price!: Hundredths;

  /** In hundredths of a percent. */
  @ScaledInteger()
  tax_rate!: Hundredths;

  /** In hundredths of a percent. */
  @ScaledInteger()
  discount_rate!: Hundredths;

  /** In ten-thousandths of the shop's currency; null when it is not known. */
  @ScaledInteger({ nullable: true })
  unit_cost!: TenThousandths | null;

  @Timestamp(BYTE_ORDER)
  valid_from!: string;

  @Column('integer')
  @ForeignKey('User', { name: 'fk_item_prices_created_by', onDelete: 'RESTRICT' })
  created_by!: number;
}
