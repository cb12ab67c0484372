import type { Examples } from '../../platform/docs/examples.js';
import { Check, type FieldDecorator } from '../../platform/validation/field.js';
import { EnumField, FlagField, ListField, TimestampField } from '../../platform/validation/fields.js';
import { OnShortfall } from '../../stock/dto/movement-create.dto.js';
import { isAhead } from '../../stock/occurred-at.js';
import { PaymentCreate } from './cart-complete.dto.js';
import { CartItemCreate } from './cart-item-create.dto.js';
import { CartUpdate } from './cart-update.dto.js';

const MAX_ITEMS = 100;
const MAX_PAYMENTS = 20;

const OPTIONAL = { optional: true, nullAsMissing: true };

/** An empty cart, or one with items, or a whole sale. */
export class CartCreate extends CartUpdate {
  /** What is in it, each item once. All of it is taken from stock or nothing. */
  @ListField(CartItemCreate, { min: 0, max: MAX_ITEMS, ...OPTIONAL })
  items?: CartItemCreate[];

  /** Whether it is sold already: then it is completed at once. */
  @FlagField(OPTIONAL)
  complete?: boolean;

  /** How it was paid, for a sale: together just its total. Without payments all of it is `unspecified`. */
  @OfSale()
  @ListField(PaymentCreate, { min: 0, max: MAX_PAYMENTS, ...OPTIONAL })
  payments?: PaymentCreate[];

  /**
   * When it was sold, for a sale: at most 7 days ago, at most 5 minutes ahead. The default is now. Prices are those of that time.
   * @example "2026-03-01T07:00:00Z"
   */
  @SoldAtField()
  occurred_at?: string;

  /**
   * What to do when less of an item is in stock than the cart takes: `refuse` (409, the default), or `correct`, for what has
   * already happened. Then a `correction` adds what is missing first, and `corrected` says how much that was.
   * @example "refuse"
   */
  @EnumField(OnShortfall, 'OnShortfall', { optional: true })
  on_shortfall?: OnShortfall;
}

function SoldAtField(): FieldDecorator<string> {
  return TimestampField(OPTIONAL, [
    OfSale(),
    Check<string>(
      'value_error',
      (time) => !isAhead(time),
      'Value error, a sale is not recorded ahead of time',
    ),
  ]);
}

/** A field that makes sense only for a cart that is completed at once. */
function OfSale(): PropertyDecorator {
  return Check<unknown, CartCreate>(
    'value_error',
    (_, { complete }) => complete === true,
    'Value error, only a sale has this: send complete as true',
  );
}

export const CART_CREATE_EXAMPLES: Examples<CartCreate> = {
  empty: { summary: 'An empty cart', value: {} },
  desk: { summary: 'For a table', value: { desk_number: '12' } },
  sale: {
    summary: 'A whole sale, from a till that was offline',
    value: {
      items: [
        { item_id: 1, quantity: 1.5 },
        { barcode: '2000000000022', quantity: 2 },
      ],
      complete: true,
      on_shortfall: OnShortfall.Correct,
    },
  },
};
