import type { Thousandths } from '../../platform/validation/decimal.js';
import {
  DecimalField,
  EnumField,
  FlagField,
  IdField,
  ListField,
  TextField,
} from '../../platform/validation/fields.js';
import { MAX_IN_STOCK } from '../../stock/quantity.js';
import type { PaymentMethod } from '../cart-payment.entity.js';
import { NAMED_METHODS } from './cart-complete.dto.js';
import { MIN_QUANTITY } from './cart-item-create.dto.js';

const MAX_LINES = 100;

export class RefundLineCreate {
  /**
   * The id of the line of the cart.
   * @example 3
   */
  @IdField()
  cart_item_id!: number;

  /**
   * How much of it is refunded, in the item's unit, with at most 3 decimals.
   * @example 0.5
   */
  @DecimalField({ places: 3, min: MIN_QUANTITY, max: MAX_IN_STOCK })
  quantity!: Thousandths;

  /** Whether it goes back to the shelf. If not, nothing comes back: it is bruised, or was eaten. */
  @FlagField({ optional: true, nullAsMissing: true })
  restock?: boolean;
}

export class RefundCreate {
  /** What is refunded: all of it or nothing. */
  @ListField(RefundLineCreate, { min: 1, max: MAX_LINES })
  lines!: RefundLineCreate[];

  /**
   * Why.
   * @example "Bruised"
   */
  @TextField({ max: 500, multiline: true, optional: true, nullable: true, emptyAsNull: true })
  reason?: string | null;

  /** How it is paid back; `unspecified` unless it is given. */
  @EnumField(NAMED_METHODS, 'NamedPaymentMethod', { optional: true })
  method?: PaymentMethod;
}
