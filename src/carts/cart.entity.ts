import { Column, Entity, Index, PrimaryGeneratedColumn } from 'typeorm';
import { BYTE_ORDER, ScaledInteger, Timestamp } from '../platform/database/columns.js';
import { Check, ForeignKey, UniqueIndex } from '../platform/database/constraints.js';
import type { Hundredths } from '../platform/validation/decimal.js';

export enum CartStatus {
  /** Being filled. What is in it has left the shelf. */
  Draft = 'draft',
  /** Paid. It never changes again; what comes back is a refund. */
  Completed = 'completed',
  /** Given up. What was in it is back on the shelf. */
  Deleted = 'deleted',
}

/** A sale: a draft until it is completed, which freezes its names, prices and sums. */
@Entity('carts')
@UniqueIndex({
  name: 'uq_carts_desk_number',
  columns: ['desk_number'],
  where: `status = 'draft' and desk_number is not null`,
  violated: 'Another draft has this desk number',
  code: 'desk_taken',
})
@Index('ix_carts_desk_number', ['desk_number', 'id'], { where: 'desk_number is not null' })
@Index('ix_carts_status', ['status', 'id'])
@Index('ix_carts_account_date', ['account_date', 'id'])
@Check({
  name: 'ck_carts_status',
  expression: `status = 'draft' or status = 'completed' or status = 'deleted'`,
  violated: 'A cart is a draft, completed or deleted',
})
@Check({
  name: 'ck_carts_completed',
  expression: `status <> 'completed' and hash is null or status = 'completed' and hash is not null and completed_at is not null and account_date is not null and prices_include_tax is not null and subtotal is not null and discount_total is not null and tax_total is not null and total is not null`,
  violated: 'A completed cart has sums, and no other has',
})
export class Cart {
  @PrimaryGeneratedColumn()
  id!: number;

  /** The table or counter it belongs to. */
  @Column('varchar', { length: 20, nullable: true })
  desk_number!: string | null;

  @Column('varchar', { length: 10 })
  status!: CartStatus;

  /** The trading day that it is accounted for, `2026-03-01`; null until it is completed. */
  @Column('varchar', { length: 10, nullable: true, ...BYTE_ORDER })
  account_date!: string | null;

  /** When it was sold, which may be before it was recorded. */
  @Timestamp({ nullable: true, ...BYTE_ORDER })
  completed_at!: string | null;

  /** Whether the tax was contained in its prices. */
  @Column('boolean', { nullable: true })
  prices_include_tax!: boolean | null;

  /** The sums of its lines; null until it is completed. */
  @ScaledInteger({ nullable: true })
  subtotal!: Hundredths | null;

  @ScaledInteger({ nullable: true })
  discount_total!: Hundredths | null;

  @ScaledInteger({ nullable: true })
  tax_total!: Hundredths | null;

  @ScaledInteger({ nullable: true })
  total!: Hundredths | null;

  /** Over everything that completing froze: see `cartHash`. */
  @Column('varchar', { length: 64, nullable: true })
  hash!: string | null;

  /** When it was brought over from the first version, which kept no prices: a completed one has those of that time. */
  @Timestamp({ nullable: true, ...BYTE_ORDER })
  adopted_at!: string | null;

  @Column('integer')
  @ForeignKey('User', { name: 'fk_carts_created_by', onDelete: 'RESTRICT' })
  created_by!: number;

  @Column('integer')
  @ForeignKey('User', { name: 'fk_carts_updated_by', onDelete: 'RESTRICT' })
  updated_by!: number;

  @Timestamp(BYTE_ORDER)
  created_at!: string;

  @Timestamp(BYTE_ORDER)
  updated_at!: string;
}

/** What a cart does not have until it is completed. */
export const UNCOMPLETED = {
  account_date: null,
  completed_at: null,
  prices_include_tax: null,
  subtotal: null,
  discount_total: null,
  tax_total: null,
  total: null,
  hash: null,
  adopted_at: null,
};
