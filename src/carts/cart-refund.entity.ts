import { Column, Entity, Index, PrimaryGeneratedColumn } from 'typeorm';
import { BYTE_ORDER, ScaledInteger, Timestamp } from '../platform/database/columns.js';
import { Check, ForeignKey } from '../platform/database/constraints.js';
import type { Hundredths } from '../platform/validation/decimal.js';
import type { PaymentMethod } from './cart-payment.entity.js';

/** What was paid back of a completed cart. It never changes. */
@Entity('cart_refunds')
@Index('ix_cart_refunds_cart', ['cart_id', 'id'])
@Index('ix_cart_refunds_account_date', ['account_date', 'id'])
@Check({ name: 'ck_cart_refunds_amount', expression: 'amount >= 0', violated: 'A refund is not negative' })
export class CartRefund {
  @PrimaryGeneratedColumn()
  id!: number;

  @Column('integer')
  @ForeignKey('Cart', { name: 'fk_cart_refunds_cart', onDelete: 'RESTRICT' })
  cart_id!: number;

  /** The trading day on which it was paid back, `2026-03-01`. */
  @Column('varchar', { length: 10, ...BYTE_ORDER })
  account_date!: string;

  @Column('varchar', { length: 500, nullable: true })
  reason!: string | null;

  @Column('varchar', { length: 20 })
  method!: PaymentMethod;

  /** The sum of its lines. */
  @ScaledInteger()
  amount!: Hundredths;

  /** Over the refund and its lines: see `refundHash`. */
  @Column('varchar', { length: 64 })
  hash!: string;

  @Column('integer')
  @ForeignKey('User', { name: 'fk_cart_refunds_created_by', onDelete: 'RESTRICT' })
  created_by!: number;

  @Timestamp(BYTE_ORDER)
  created_at!: string;
}
