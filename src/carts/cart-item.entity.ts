import { Column, Entity, Index, PrimaryGeneratedColumn } from 'typeorm';
import { BYTE_ORDER, ScaledInteger, Timestamp } from '../platform/database/columns.js';
import { Check, ForeignKey, UniqueIndex } from '../platform/database/constraints.js';
import {
  type Hundredths,
  type TenThousandths,
  type Thousandths,
  thousandths,
} from '../platform/validation/decimal.js';

/**
 * A line of a cart. Name, prices and sums are null in a draft, which shows those of today, and are frozen when the cart is
 * completed. The item may be deleted after that, so there is no foreign key to it.
 */
@Entity('cart_items')
@UniqueIndex({
  name: 'uq_cart_items_item',
  columns: ['cart_id', 'item_id'],
  violated: 'The item is in the cart already',
  code: 'already_in_cart',
})
@Index('ix_cart_items_item', ['item_id', 'id'])
@Index('ix_cart_items_stock_entry', ['stock_entry_id'], { where: 'stock_entry_id is not null' })
@Check({
  name: 'ck_cart_items_quantity',
  expression: 'quantity > 0',
  violated: 'A line has a quantity above zero',
})
@Check({
  name: 'ck_cart_items_refunded',
  expression: 'refunded_quantity between 0 and quantity',
  violated: 'This is more than was sold and is not refunded yet',
  code: 'refund_too_large',
})
export class CartItem {
  @PrimaryGeneratedColumn()
  id!: number;

  @Column('integer')
  @ForeignKey('Cart', {
    name: 'fk_cart_items_cart',
    onDelete: 'RESTRICT',
    violated: 'Cart not found',
    code: 'cart_not_found',
  })
  cart_id!: number;

  @Column('integer')
  item_id!: number;

  /**
   * The stock entry that the line was taken from, while the cart is a draft; null after that. The foreign key keeps the entry,
   * and the item, from being deleted meanwhile.
   */
  @Column('integer', { nullable: true })
  @ForeignKey('StockEntry', {
    name: 'fk_cart_items_stock_entry',
    onDelete: 'RESTRICT',
    inUse: 'A cart that is not completed holds the item',
    inUseCode: 'held_by_cart',
  })
  stock_entry_id!: number | null;

  /** In thousandths of the item's unit. */
  @ScaledInteger()
  quantity!: Thousandths;

  @Column('varchar', { length: 200, nullable: true })
  name!: string | null;

  @Column('varchar', { length: 50, nullable: true })
  sku!: string | null;

  @ScaledInteger({ nullable: true })
  unit_price!: Hundredths | null;

  /** For reports, never in a cart's answers. Null where it is not known. */
  @ScaledInteger({ nullable: true })
  unit_cost!: TenThousandths | null;

  @ScaledInteger({ nullable: true })
  discount_rate!: Hundredths | null;

  @ScaledInteger({ nullable: true })
  tax_rate!: Hundredths | null;

  @ScaledInteger({ nullable: true })
  line_subtotal!: Hundredths | null;

  @ScaledInteger({ nullable: true })
  line_discount!: Hundredths | null;

  @ScaledInteger({ nullable: true })
  line_tax!: Hundredths | null;

  @ScaledInteger({ nullable: true })
  line_total!: Hundredths | null;

  /** How much of it was refunded after the cart was completed. */
  @ScaledInteger({ default: 0 })
  refunded_quantity!: Thousandths;

  @Column('integer')
  @ForeignKey('User', { name: 'fk_cart_items_created_by', onDelete: 'RESTRICT' })
  created_by!: number;

  @Column('integer')
  @ForeignKey('User', { name: 'fk_cart_items_updated_by', onDelete: 'RESTRICT' })
  updated_by!: number;

  @Timestamp(BYTE_ORDER)
  created_at!: string;

  @Timestamp(BYTE_ORDER)
  updated_at!: string;
}

/** What a line does not have while its cart is a draft. */
export const UNFROZEN = {
  name: null,
  sku: null,
  unit_price: null,
  unit_cost: null,
  discount_rate: null,
  tax_rate: null,
  line_subtotal: null,
  line_discount: null,
  line_tax: null,
  line_total: null,
  refunded_quantity: thousandths(0),
};
