import { Column, Entity, Index, PrimaryGeneratedColumn } from 'typeorm';
import { BYTE_ORDER, ScaledInteger, Timestamp } from '../platform/database/columns.js';
import { Check, ForeignKey, UniqueIndex } from '../platform/database/constraints.js';
import { MovementReason } from './movement-reason.js';
import type { Hundredths, TenThousandths, Thousandths } from '../platform/validation/decimal.js';

/**
 * Whether a movement states a quantity, as SQL: a count, putting an item in stock, a removal. Each is an anchor unless it is
 * reversed. Movements with the first version of the hash have no column for the stated quantity.
 */
export const STATES_A_QUANTITY = `counted_quantity is not null
  or (hash_version = 1 and reverses_id is null and reason in ('initial', 'count', 'removal'))`;

const OLD_ANCHORS = [MovementReason.Initial, MovementReason.Count, MovementReason.Removal];

/**
 * One change of a quantity in stock. Triggers refuse to update or delete a row. Rows outlive the item and its stock entry,
 * so they have no foreign key to either. The movements of an item, ordered by id, form a hash chain.
 */
@Entity('stock_movements')
@UniqueIndex({
  name: 'uq_stock_movements_reverses',
  columns: ['reverses_id'],
  where: 'reverses_id is not null',
  violated: 'The movement has been reversed already',
  code: 'already_reversed',
})
@UniqueIndex({
  name: 'uq_stock_movements_compensates',
  columns: ['compensates_id'],
  where: 'compensates_id is not null',
  violated: 'The movement has been compensated already',
  code: 'conflict',
})
@Index('ix_stock_movements_anchors', ['item_id', 'occurred_at', 'id'], { where: STATES_A_QUANTITY })
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
@Index('ix_stock_movements_entries', ['reason', 'item_id', 'stock_entry_id', 'occurred_at'], {
  where: "(reason = 'initial' or reason = 'removal') and reverses_id is null",
})
@Index('ix_stock_movements_created_by', ['created_by', 'id', 'reason'])
@Index('ix_stock_movements_reference', ['reference', 'id'], { where: 'reference is not null' })
@Index('ix_stock_movements_cart', ['cart_id', 'item_id', 'id'], { where: 'cart_id is not null' })
@Check({
  name: 'ck_stock_movements_quantity',
  expression: 'quantity_before >= 0 and quantity_after >= 0',
  violated: 'There is not enough in stock',
  code: 'insufficient_stock',
})
@Check({
  name: 'ck_stock_movements_counted_quantity',
  expression: 'counted_quantity >= 0',
  violated: 'A counted quantity is not negative',
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

  /** An item that is removed from stock and added again gets a new stock entry. */
  @Column('integer')
  stock_entry_id!: number;

  /** The item's name at that time. */
  @Column('varchar', { length: 200 })
  item_name!: string;

  /** The item's stock keeping unit at that time. */
  @Column('varchar', { length: 50, nullable: true })
  sku!: string | null;

  /** In the item's unit, as are all quantities here. */
  @ScaledInteger()
  delta!: Thousandths;

  @ScaledInteger()
  quantity_before!: Thousandths;

  @ScaledInteger()
  quantity_after!: Thousandths;

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

  /** When it was recorded here. */
  @Timestamp(BYTE_ORDER)
  recorded_at!: string;

  @Column('integer')
  @ForeignKey('User', { name: 'fk_stock_movements_created_by', onDelete: 'RESTRICT' })
  created_by!: number;

  /** The movement that this one reverses. */
  @Column('integer', { nullable: true })
  @ForeignKey('StockMovement', {
    name: 'fk_stock_movements_reverses',
    onDelete: 'RESTRICT',
    violated: 'Movement not found',
    code: 'movement_not_found',
  })
  reverses_id!: number | null;

  /** What was in stock at `occurred_at`, if the movement states it: then it is an anchor, and settles what came before. */
  @ScaledInteger({ nullable: true })
  counted_quantity!: Thousandths | null;

  /**
   * The late movement that this one compensates at the next anchor. It has no foreign key, as either of the two may be
   * inserted first, and no row is ever deleted.
   */
  @Column('integer', { nullable: true })
  compensates_id!: number | null;

  /** The item's price when this was recorded, in hundredths; null in movements from before prices were kept. */
  @ScaledInteger({ nullable: true })
  unit_price!: Hundredths | null;

  /** The item's cost when this was recorded, in ten-thousandths; null when it was not known. Owners only see it. */
  @ScaledInteger({ nullable: true })
  unit_cost!: TenThousandths | null;

  /**
   * The cart whose sale or return this is. `reference` may say so as well, but anybody may write that by hand. It has no foreign
   * key, as the ledger knows nothing of carts.
   */
  @Column('integer', { nullable: true })
  cart_id!: number | null;

  /** Which fields the hash covers: see `movementHash`. */
  @Column('smallint', { default: 1 })
  hash_version!: number;

  /** See `movementHash`. */
  @Column('varchar', { length: 64 })
  hash!: string;
}

/** The same as {@link STATES_A_QUANTITY}, for a movement in memory. */
export function statesQuantity(movement: StockMovement): boolean {
  const { counted_quantity, hash_version, reverses_id, reason } = movement;
  if (counted_quantity !== null) return true;
  return hash_version === 1 && reverses_id === null && OLD_ANCHORS.includes(reason);
}
