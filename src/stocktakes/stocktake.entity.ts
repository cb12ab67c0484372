import { Column, Entity, Index, PrimaryGeneratedColumn } from 'typeorm';
import { BYTE_ORDER, Timestamp } from '../platform/database/columns.js';
import { Check, ForeignKey } from '../platform/database/constraints.js';
import { RowVersionColumn } from '../platform/database/row-version.js';

export enum StocktakeStatus {
  Open = 'open',
  /** Approved, while its counts are being recorded. */
  Approving = 'approving',
  Approved = 'approved',
  Cancelled = 'cancelled',
}

/** What an approval does with items that nobody counted. */
export enum Uncounted {
  /** They stay as they are. */
  Keep = 'keep',
  /** Nothing is there of them. */
  Zero = 'zero',
}

/** Counting the shop, or a part of it. */
@Entity('stocktakes')
@Index('ix_stocktakes_status', ['status', 'id'])
@Check({
  name: 'ck_stocktakes_status',
  expression: `status = 'open' and approved_at is null and cancelled_at is null or status = 'approving' and approved_at is not null and cancelled_at is null or status = 'approved' and approved_at is not null and cancelled_at is null or status = 'cancelled' and approved_at is null and cancelled_at is not null`,
  violated: 'A stocktake is open, approved or cancelled, and has the time of that',
})
export class Stocktake {
  @PrimaryGeneratedColumn()
  id!: number;

  @Column('varchar', { length: 100 })
  name!: string;

  @Column('varchar', { length: 9 })
  status!: StocktakeStatus;

  /** The category whose items are counted, if they were chosen by it. */
  @Column('integer', { nullable: true })
  @ForeignKey('Category', {
    name: 'fk_stocktakes_category',
    onDelete: 'SET NULL',
    violated: 'Category not found',
    code: 'category_not_found',
  })
  category_id!: number | null;

  @Timestamp({ nullable: true, ...BYTE_ORDER })
  due_at!: string | null;

  @Column('integer')
  items_count!: number;

  /** Chosen with the approval. */
  @Column('varchar', { length: 4, nullable: true })
  uncounted!: Uncounted | null;

  @Column('integer', { nullable: true })
  @ForeignKey('User', { name: 'fk_stocktakes_approved_by', onDelete: 'RESTRICT' })
  approved_by!: number | null;

  @Timestamp({ nullable: true, ...BYTE_ORDER })
  approved_at!: string | null;

  @Column('integer', { nullable: true })
  @ForeignKey('User', { name: 'fk_stocktakes_cancelled_by', onDelete: 'RESTRICT' })
  cancelled_by!: number | null;

  @Timestamp({ nullable: true, ...BYTE_ORDER })
  cancelled_at!: string | null;

  @Column('integer')
  @ForeignKey('User', { name: 'fk_stocktakes_created_by', onDelete: 'RESTRICT' })
  created_by!: number;

  @Column('integer')
  @ForeignKey('User', { name: 'fk_stocktakes_updated_by', onDelete: 'RESTRICT' })
  updated_by!: number;

  @Timestamp(BYTE_ORDER)
  created_at!: string;

  @Timestamp(BYTE_ORDER)
  updated_at!: string;

  @RowVersionColumn()
  version!: number;
}
