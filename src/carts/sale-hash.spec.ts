import { hundredths, tenThousandths, thousandths } from '../platform/validation/decimal.js';
import { PaymentMethod } from './cart-payment.entity.js';
import {
  cartHash,
  type HashedCart,
  type HashedLine,
  type HashedPayment,
  type HashedRefund,
  type HashedRefundLine,
  refundHash,
} from './sale-hash.js';

const AUTHORSHIP = {
  created_by: 2,
  updated_by: 3,
  created_at: '2026-03-01T07:00:00.000Z',
  updated_at: '2026-03-01T08:00:00.000Z',
};

const CART: HashedCart = {
  id: 1,
  desk_number: '7',
  account_date: '2026-03-01',
  completed_at: '2026-03-01T08:00:00.000Z',
  prices_include_tax: false,
  subtotal: hundredths(998),
  discount_total: hundredths(50),
  tax_total: hundredths(95),
  total: hundredths(1043),
  adopted_at: null,
  ...AUTHORSHIP,
};

const LINE: HashedLine = {
  id: 11,
  item_id: 5,
  quantity: thousandths(2500),
  name: 'Red Apples',
  sku: 'FP-APPLE-RED',
  unit_price: hundredths(399),
  unit_cost: tenThousandths(21_050),
  discount_rate: hundredths(500),
  tax_rate: hundredths(1000),
  line_subtotal: hundredths(998),
  line_discount: hundredths(50),
  line_tax: hundredths(95),
  line_total: hundredths(1043),
  ...AUTHORSHIP,
};

const PAYMENT: HashedPayment = { method: PaymentMethod.Cash, amount: hundredths(1043) };

const REFUND: HashedRefund = {
  id: 4,
  cart_id: 1,
  account_date: '2026-03-02',
  reason: 'Bruised',
  method: PaymentMethod.Cash,
  amount: hundredths(417),
  created_by: 2,
  created_at: '2026-03-02T07:00:00.000Z',
};

const REFUND_LINE: HashedRefundLine = {
  cart_item_id: 11,
  item_id: 5,
  quantity: thousandths(1000),
  restock: true,
  amount: hundredths(417),
};

/** Each row with one of its fields changed, for every field. */
function changesOf<Row extends object>(row: Row): [string, Row][] {
  return Object.entries(row).map(([field, value]: [string, unknown]) => [
    field,
    {
      ...row,
      [field]: typeof value === 'number' ? value + 1 : typeof value === 'boolean' ? !value : 'other',
    },
  ]);
}

// Stored hashes are verified for ever: these must never change.
it('The hashes of today are those of tomorrow', () => {
  expect(cartHash(CART, [LINE], [PAYMENT])).toBe(
    '3d27d63fbd01d2526e4a1c0e8d4188a22c36ac43d73822cac37cd29abd960aef',
  );
  expect(refundHash(REFUND, [REFUND_LINE])).toBe(
    '75fd42b7c1d0a82a4fe2c7d1ca3877e311d33f50edd6fc1e2e6c90bcad80edc4',
  );
});

describe('The hash of a completed cart', () => {
  const before = cartHash(CART, [LINE], [PAYMENT]);

  it.each(changesOf(CART))('is another one for another %s', (_field, cart) => {
    expect(cartHash(cart, [LINE], [PAYMENT])).not.toBe(before);
  });

  it.each(changesOf(LINE))('is another one for another %s of a line', (_field, line) => {
    expect(cartHash(CART, [line], [PAYMENT])).not.toBe(before);
  });

  it.each(changesOf(PAYMENT))('is another one for another %s of a payment', (_field, payment) => {
    expect(cartHash(CART, [LINE], [payment])).not.toBe(before);
  });

  it('is another one for a line or a payment more or less', () => {
    expect(cartHash(CART, [], [PAYMENT])).not.toBe(before);
    expect(cartHash(CART, [LINE, { ...LINE, id: 12 }], [PAYMENT])).not.toBe(before);
    expect(cartHash(CART, [LINE], [])).not.toBe(before);
  });

  it('takes the booleans of SQLite, and more columns than it covers', () => {
    const cart = { ...CART, prices_include_tax: 0 as unknown as boolean, status: 'completed' };
    expect(cartHash(cart, [{ ...LINE, refunded_quantity: 1 } as HashedLine], [PAYMENT])).toBe(before);
  });
});

describe('The hash of a refund', () => {
  const before = refundHash(REFUND, [REFUND_LINE]);

  it.each(changesOf(REFUND))('is another one for another %s', (_field, refund) => {
    expect(refundHash(refund, [REFUND_LINE])).not.toBe(before);
  });

  it.each(changesOf(REFUND_LINE))('is another one for another %s of a line', (_field, line) => {
    expect(refundHash(REFUND, [line])).not.toBe(before);
  });

  it('takes the booleans of SQLite', () => {
    expect(refundHash(REFUND, [{ ...REFUND_LINE, restock: 1 as unknown as boolean }])).toBe(before);
  });
});
