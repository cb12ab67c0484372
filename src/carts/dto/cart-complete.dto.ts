import type { Examples } from '../../platform/docs/examples.js';
import type { Hundredths } from '../../platform/validation/decimal.js';
import { DecimalField, EnumField, ListField } from '../../platform/validation/fields.js';
import { PaymentMethod } from '../cart-payment.entity.js';
import { MAX_AMOUNT } from '../cart-sums.js';

const { Cash, Card, Voucher, Other } = PaymentMethod;

/** The ways to pay that a client can name. */
export const NAMED_METHODS = { Cash, Card, Voucher, Other };

const MAX_PAYMENTS = 20;

export class PaymentCreate {
  /** How it was paid. */
  @EnumField(NAMED_METHODS, 'NamedPaymentMethod')
  method!: PaymentMethod;

  /**
   * What is kept, not what was handed over; with at most 2 decimals.
   * @example 10.43
   */
  @DecimalField({ places: 2, min: 0, max: MAX_AMOUNT / 100 })
  amount!: Hundredths;
}

export class CartComplete {
  /** How it is paid: together just the total. Without payments all of it is `unspecified`. */
  @ListField(PaymentCreate, { min: 0, max: MAX_PAYMENTS, optional: true, nullAsMissing: true })
  payments?: PaymentCreate[];
}

export const CART_COMPLETE_EXAMPLES: Examples<CartComplete> = {
  unspecified: { summary: 'Without saying how it is paid', value: {} },
  mixed: {
    summary: 'Paid in two ways',
    value: {
      payments: [
        { method: Cash, amount: 5 },
        { method: Card, amount: 5.43 },
      ],
    },
  },
};
