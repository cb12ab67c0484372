import { Column, Entity, Index, PrimaryGeneratedColumn } from 'typeorm';
import { ScaledInteger } from '../platform/database/columns.js';
import { Check, ForeignKey } from '../platform/database/constraints.js';
import type { Hundredths } from '../platform/validation/decimal.js';

/** How a customer pays, and is paid back. */
export enum PaymentMethod {
  Cash = 'cash',
  Card = 'card',
  Voucher = 'voucher',
  Other = 'other',
  /** Nobody said how. */
  Unspecified = 'unspecified',
}

/** What was kept of a completed cart's payment by one method. All payments of a cart add up to its total. */
@Entity('cart_payments')
@Index('ix_cart_payments_cart', ['cart_id', 'id'])
@Check({ name: 'ck_cart_payments_amount', expression: 'amount >= 0', violated: 'A payment is not negative' })
export class CartPayment {
  @PrimaryGeneratedColumn()
  id!: number;

  @Column('integer')
  @ForeignKey('Cart', { name: 'fk_cart_payments_cart', onDelete: 'RESTRICT' })
  cart_id!: number;

  @Column('varchar', { length: 20 })
  method!: PaymentMethod;

  @ScaledInteger()
  amount!: Hundredths;
}
