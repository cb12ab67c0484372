import { Column, Entity, Index, PrimaryGeneratedColumn } from 'typeorm';
import { BYTE_ORDER, ScaledInteger, Timestamp } from '../database/columns.js';
import { Check, ForeignKey, UniqueIndex } from '../database/constraints.js';
import { MovementReason } from './movement-reason.js';

/**
 * One change of a quantity in stock. Rows are added and never changed or deleted, which triggers see to. They outlive
 * the item and its stock entry, so they refer to neither by foreign key. The movements of an item, by id, are a chain.
 */
@Entity('stock_movements')
@UniqueIndex({
  name: 'uq_stock_movements_reverses',
  columns: ['reverses_id'],
  where: 'reverses_id is not null',
  violated: 'The movement has been reversed already',
})
@Index('ix_stock_movements_item', ['item_id', 'id'])
@Index('ix_stock_movements_item_occurred_at', [
  'item_id',
  'occurred_at',
  'id',
  'stock_entry_id',
  'delta',
  'reason',
  'created_by',
])
@Index('ix_stock_movements_occurred_at', ['occurred_at', 'id', 'reason', 'created_by'])
@Index('ix_stock_movements_reason', ['reason', 'id'])
@Index('ix_stock_movements_created_by', ['created_by', 'id', 'reason'])
@Index('ix_stock_movements_reference', ['reference', 'id'], { where: 'reference is not null' })
@Check({
  name: 'ck_stock_movements_quantity',
  expression: 'quantity_before >= 0 and quantity_after >= 0',
  violated: 'There is not enough in stock',
})
@Check({
  name: 'ck_stock_movements_delta',
  expression: 'quantity_before + delta = quantity_after',
  violated: 'A movement leads from one quantity to the other',
})
export class StockMovement {
  @PrimaryGeneratedColumn()
  id!: number;

  @Column('integer')
  item_id!: number;

  /** Which stay of the item in stock it belongs to: an item that is put in stock again has another entry. */
  @Column('integer')
  stock_entry_id!: number;

  /** What the item was called then. */
  @Column('varchar', { length: 200 })
  item_name!: string;

  /** The item's stock keeping unit then. */
  @Column('varchar', { length: 50, nullable: true })
  sku!: string | null;

  /** In thousandths of the item's unit, as all quantities here. */
  @ScaledInteger()
  delta!: number;

  @ScaledInteger()
  quantity_before!: number;

  @ScaledInteger()
  quantity_after!: number;

  @Column('varchar', { length: 20 })
  reason!: MovementReason;

  @Column('varchar', { length: 500, nullable: true })
  note!: string | null;

  /** The number of an invoice, an order, a receipt … */
  @Column('varchar', { length: 100, nullable: true })
  reference!: string | null;

  /** When it happened on the shelf. */
  @Timestamp(BYTE_ORDER)
  occurred_at!: string;

  /** When it was written down here. */
  @Timestamp(BYTE_ORDER)
  recorded_at!: string;

  @Column('integer')
  @ForeignKey('User', { name: 'fk_stock_movements_created_by', onDelete: 'RESTRICT' })
  created_by!: number;

  /** The movement that this one undoes. */
  @Column('integer', { nullable: true })
  @ForeignKey('StockMovement', {
    name: 'fk_stock_movements_reverses',
    onDelete: 'RESTRICT',
    violated: 'Movement not found',
  })
  reverses_id!: number | null;

  /** See `movementHash`. */
  @Column('varchar', { length: 64 })
  hash!: string;
}
