import { Column, Entity, Index, PrimaryGeneratedColumn } from 'typeorm';
import { BYTE_ORDER, ScaledInteger, Timestamp } from '../platform/database/columns.js';
import { ForeignKey } from '../platform/database/constraints.js';
import type { Thousandths } from '../platform/validation/decimal.js';

/** A count of an item. All are kept; a device that sends one again adds none. */
@Entity('stocktake_counts')
@Index('uq_stocktake_counts_repeat', ['stocktake_item_id', 'counted_at', 'counted_by', 'quantity'], {
  unique: true,
})
export class StocktakeCount {
  @PrimaryGeneratedColumn()
  id!: number;

  @Column('integer')
  @ForeignKey('StocktakeItem', { name: 'fk_stocktake_counts_item', onDelete: 'CASCADE' })
  stocktake_item_id!: number;

  /** In thousandths of the item's unit. */
  @ScaledInteger()
  quantity!: Thousandths;

  @Timestamp(BYTE_ORDER)
  counted_at!: string;

  @Column('integer')
  @ForeignKey('User', { name: 'fk_stocktake_counts_counted_by', onDelete: 'RESTRICT' })
  counted_by!: number;

  @Timestamp(BYTE_ORDER)
  recorded_at!: string;
}
