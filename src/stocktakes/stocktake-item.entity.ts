import { Column, Entity, Index, PrimaryGeneratedColumn } from 'typeorm';
import { BYTE_ORDER, ScaledInteger, Timestamp } from '../platform/database/columns.js';
import { ForeignKey } from '../platform/database/constraints.js';
import type { ErrorCode } from '../platform/errors/error-code.js';
import type { Thousandths } from '../platform/validation/decimal.js';

/** An item of a stocktake, with the count that counts: the last one by when it was counted. */
@Entity('stocktake_items')
@Index('uq_stocktake_items_item', ['stocktake_id', 'item_id'], { unique: true })
@Index('ix_stocktake_items_counted', ['stocktake_id'], { where: 'counted_at is not null' })
export class StocktakeItem {
  @PrimaryGeneratedColumn()
  id!: number;

  @Column('integer')
  @ForeignKey('Stocktake', { name: 'fk_stocktake_items_stocktake', onDelete: 'CASCADE' })
  stocktake_id!: number;

  /** Not a foreign key: the item may be deleted later, and was counted all the same. */
  @Column('integer')
  item_id!: number;

  /** In thousandths of the item's unit; null, like the next two, until it is counted. */
  @ScaledInteger({ nullable: true })
  quantity!: Thousandths | null;

  @Timestamp({ nullable: true, ...BYTE_ORDER })
  counted_at!: string | null;

  @Column('integer', { nullable: true })
  @ForeignKey('User', { name: 'fk_stocktake_items_counted_by', onDelete: 'RESTRICT' })
  counted_by!: number | null;

  /** The `count` movement that the approval has recorded. */
  @Column('integer', { nullable: true })
  @ForeignKey('StockMovement', { name: 'fk_stocktake_items_movement', onDelete: 'RESTRICT' })
  movement_id!: number | null;

  /** Why the approval could not record one. */
  @Column('varchar', { length: 40, nullable: true })
  refused_because!: ErrorCode | null;
}
