import { Column, Entity, PrimaryGeneratedColumn } from 'typeorm';
import { ScaledInteger } from '../platform/database/columns.js';
import { ForeignKey, UniqueIndex } from '../platform/database/constraints.js';
import type { Hundredths } from '../platform/validation/decimal.js';
import type { PaymentMethod } from '../carts/cart-payment.entity.js';

/** What was paid, and paid back, by one method on a day. */
@Entity('daily_account_payments')
@UniqueIndex({
  name: 'uq_daily_account_payments_method',
  columns: ['account_id', 'method'],
  violated: 'An account has one sum for each method',
})
export class DailyAccountPayment {
  @PrimaryGeneratedColumn()
  id!: number;

  @Column('integer')
  @ForeignKey('DailyAccount', { name: 'fk_daily_account_payments_account', onDelete: 'RESTRICT' })
  account_id!: number;

  @Column('varchar', { length: 20 })
  method!: PaymentMethod;

  @ScaledInteger()
  amount!: Hundredths;

  @ScaledInteger({ default: 0 })
  refunded!: Hundredths;
}
