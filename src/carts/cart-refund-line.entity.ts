import { Column, Entity, Index, PrimaryGeneratedColumn } from 'typeorm';
import { ScaledInteger } from '../platform/database/columns.js';
import { Check, ForeignKey } from '../platform/database/constraints.js';
import type { Hundredths, Thousandths } from '../platform/validation/decimal.js';

/** How much of one line of a cart was refunded at once. */
@Entity('cart_refund_lines')
@Index('ix_cart_refund_lines_refund', ['refund_id', 'id'])
@Index('ix_cart_refund_lines_cart_item', ['cart_item_id', 'id'])
@Check({
  name: 'ck_cart_refund_lines_quantity',
  expression: 'quantity > 0',
  violated: 'A refund is for a quantity above zero',
})
@Check({
  name: 'ck_cart_refund_lines_amount',
  expression: 'amount >= 0',
  violated: 'A refund is not negative',
})
export class CartRefundLine {
  @PrimaryGeneratedColumn()
  id!: number;

  @Column('integer')
  @ForeignKey('CartRefund', { name: 'fk_cart_refund_lines_refund', onDelete: 'RESTRICT' })
  refund_id!: number;

  @Column('integer')
  @ForeignKey('CartItem', { name: 'fk_cart_refund_lines_cart_item', onDelete: 'RESTRICT' })
  cart_item_id!: number;

  @Column('integer')
  item_id!: number;

  /** In thousandths of the item's unit. */
  @ScaledInteger()
  quantity!: Thousandths;

  /** Whether it went back to the shelf: then there is a `return` movement. */
  @Column('boolean')
  restock!: boolean;

  @ScaledInteger()
  amount!: Hundredths;
}
