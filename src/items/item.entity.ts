import { Column, Entity, Index, PrimaryGeneratedColumn } from 'typeorm';
import { BYTE_ORDER, NameKey, ScaledInteger, Timestamp } from '../platform/database/columns.js';
import { Check, ForeignKey, UniqueIndex } from '../platform/database/constraints.js';
import { RowVersionColumn } from '../platform/database/row-version.js';
import type { Hundredths, TenThousandths, Thousandths } from '../platform/validation/decimal.js';

/** A product that can be stocked and sold. */
@Entity('items')
@UniqueIndex({
  name: 'uq_items_sku',
  columns: ['sku'],
  violated: 'An item with this SKU already exists',
  code: 'sku_taken',
})
@Index('ix_items_name_key', ['name_key', 'id'])
@Index('ix_items_unit_price', ['unit_price', 'id'])
@Index('ix_items_created_at', ['created_at', 'id'])
@Index('ix_items_updated_at', ['updated_at', 'id'])
@Index('ix_items_category', ['category_id', 'name_key', 'id'])
@Index('ix_items_category_unit_price', ['category_id', 'unit_price', 'id'])
@Index('ix_items_category_created_at', ['category_id', 'created_at', 'id'])
@Index('ix_items_category_updated_at', ['category_id', 'updated_at', 'id'])
// Created by a migration: TypeORM's decorators can't describe an index on an expression, here `coalesce(sku, '')`.
@Index('ix_items_sku', { synchronize: false })
@Index('ix_items_category_sku', { synchronize: false })
@Index('ix_items_barcode', ['barcode', 'id'])
@Index('ix_items_gtin', ['gtin', 'id'])
@Index('ix_items_low_stock_threshold', ['low_stock_threshold', 'id'], {
  where: 'low_stock_threshold is not null',
})
// For search, created by a migration: TypeORM's decorators can't describe trigrams, and SQLite has a table for them.
@Index('ix_items_search_key_trigrams', { synchronize: false })
@Check({ name: 'ck_items_unit_price', expression: 'unit_price >= 0', violated: 'A price is not negative' })
@Check({ name: 'ck_items_unit_cost', expression: 'unit_cost >= 0', violated: 'A cost is not negative' })
@Check({
  name: 'ck_items_tax_rate',
  expression: 'tax_rate between 0 and 10000',
  violated: 'A tax rate is between 0 and 100',
})
@Check({
  name: 'ck_items_discount_rate',
  expression: 'discount_rate between 0 and 10000',
  violated: 'A discount rate is between 0 and 100',
})
@Check({
  name: 'ck_items_low_stock_threshold',
  expression: 'low_stock_threshold >= 0',
  violated: 'A low stock threshold is not negative',
})
@Check({
  name: 'ck_items_reorder_quantity',
  expression: 'reorder_quantity > 0',
  violated: 'A reorder quantity is more than nothing',
})
export class Item {
  @PrimaryGeneratedColumn()
  id!: number;

  @Column('integer')
  @ForeignKey('Category', {
    name: 'fk_items_category',
    onDelete: 'RESTRICT',
    violated: 'Category not found',
    code: 'category_not_found',
    inUse: 'The category still has items',
    inUseCode: 'category_in_use',
  })
  category_id!: number;

  @Column('varchar', { length: 200 })
  name!: string;

  /** The name's `nameKey`, by which lists are sorted. */
  @NameKey({ length: 2000 })
  name_key!: string;

  /** The name's `searchKey`, by which it is found. */
  @NameKey({ length: 2000, default: '' })
  search_key!: string;

  @Column('varchar', { length: 2000, nullable: true })
  description!: string | null;

  /** Stock keeping unit: the shop's own number for the item. */
  @Column('varchar', { length: 50, nullable: true, ...BYTE_ORDER })
  sku!: string | null;

  @Column('varchar', { length: 50, nullable: true })
  barcode!: string | null;

  /** The barcode as GTIN-14, to find scanned items by; null when the barcode is not such a number. */
  @Column('varchar', { length: 14, nullable: true })
  gtin!: string | null;

  @Column('varchar', { length: 500, nullable: true })
  image_url!: string | null;

  /** In hundredths of the shop's currency. */
  @ScaledInteger()
  unit_price!: Hundredths;

  /** What one unit costs the shop, in ten-thousandths of its currency; null when it is not known. Owners only see it. */
  @ScaledInteger({ nullable: true })
  unit_cost!: TenThousandths | null;

  @Column('varchar', { length: 20 })
  unit_type!: string;

  /** In hundredths of a percent. */
  @ScaledInteger()
  tax_rate!: Hundredths;

  /** In hundredths of a percent. */
  @ScaledInteger()
  discount_rate!: Hundredths;

  /** In thousandths of the item's unit. Stock is low at this quantity or below. */
  @ScaledInteger({ nullable: true })
  low_stock_threshold!: Thousandths | null;

  /** In thousandths of the item's unit. How much to order when stock is low. */
  @ScaledInteger({ nullable: true })
  reorder_quantity!: Thousandths | null;

  @Column('integer')
  @ForeignKey('User', { name: 'fk_items_created_by', onDelete: 'RESTRICT' })
  created_by!: number;

  @Column('integer')
  @ForeignKey('User', { name: 'fk_items_updated_by', onDelete: 'RESTRICT' })
  updated_by!: number;

  @Timestamp(BYTE_ORDER)
  created_at!: string;

  @Timestamp(BYTE_ORDER)
  updated_at!: string;

  @RowVersionColumn()
  version!: number;
}
