import { type SummedCartItem } from './cart-lines.js';
import { cartOf, type CartLine } from './carts.repository.js';
import { type CartResponse, cartResponseOf } from './dto/cart-response.dto.js';
import { type CartLineResponse, cartLineResponseOf } from './dto/cart-summary-response.dto.js';

/** A row of the file that has all sales: a line with its cart. It has no totals of the cart, so that every column can be summed. */
type ExportedLine = Omit<CartResponse, 'id'> &
  Omit<CartLineResponse, 'id'> & { cart_id: number; line_id: number };

/** Those of the cart as JSON, then those of the line. */
export const LINE_COLUMNS = [
  'cart_id',
  'desk_number',
  'status',
  'account_date',
  'completed_at',
  'created_by',
  'updated_by',
  'created_at',
  'updated_at',
  'line_id',
  'item_id',
  'name',
  'sku',
  'unit_price',
  'quantity',
  'discount_rate',
  'tax_rate',
  'line_subtotal',
  'line_discount',
  'line_tax',
  'line_total',
] as const satisfies (keyof ExportedLine)[];

export function exportedLineOf(line: CartLine & SummedCartItem): ExportedLine {
  const { id: cart_id, ...cart } = cartResponseOf(cartOf(line));
  const { id: line_id, ...values } = cartLineResponseOf(line);
  return { cart_id, ...cart, line_id, ...values };
}
