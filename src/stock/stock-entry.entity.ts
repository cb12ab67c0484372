import { Column, Entity, Index, PrimaryGeneratedColumn } from 'typeorm';
import { BYTE_ORDER, ScaledInteger, Timestamp } from '../platform/database/columns.js';
import { Check, ForeignKey, UniqueIndex } from '../platform/database/constraints.js';
import { RowVersionColumn } from '../platform/database/row-version.js';
import type { Thousandths } from '../platform/validation/decimal.js';

/** How much of an item is on hand. An item has at most one entry, which is deleted with it. */
@Entity('stock_entries')
@UniqueIndex({
  name: 'uq_stock_entries_item',
  columns: ['item_id'],
  violated: 'The item is in stock already',
  code: 'already_in_stock',
})
@Index('ix_stock_entries_quantity', ['quantity', 'id'])
@Index('ix_stock_entries_created_at', ['created_at', 'id'])
@Index('ix_stock_entries_updated_at', ['updated_at', 'id'])
@Check({
  name: 'ck_stock_entries_quantity',
  expression: 'quantity >= 0',
  violated: 'There is not enough in stock',
  code: 'insufficient_stock',
})
export class StockEntry {
  @PrimaryGeneratedColumn()
  id!: number;

  @Column('integer')
  @ForeignKey('Item', {
    name: 'fk_stock_entries_item',
    onDelete: 'CASCADE',
    violated: 'Item not found',
    code: 'item_not_found',
  })
  item_id!: number;

  /** In the item's unit. */
  @ScaledInteger()
  quantity!: Thousandths;

  @Column('integer')
  @ForeignKey('User', { name: 'fk_stock_entries_created_by', onDelete: 'RESTRICT' })
  created_by!: number;

  @Column('integer')
  @ForeignKey('User', { name: 'fk_stock_entries_updated_by', onDelete: 'RESTRICT' })
  updated_by!: number;

  @Timestamp(BYTE_ORDER)
  created_at!: string;

  @Timestamp(BYTE_ORDER)
  updated_at!: string;

  @RowVersionColumn()
  version!: number;
}
