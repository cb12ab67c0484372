import { Column, Entity, Index, PrimaryGeneratedColumn } from 'typeorm';
import { BYTE_ORDER, NameKey, Timestamp } from '../platform/database/columns.js';
import { Check, ForeignKey, UniqueIndex } from '../platform/database/constraints.js';
import { RowVersionColumn } from '../platform/database/row-version.js';

/** A group of items, such as a shelf of the shop. */
@Entity('categories')
@UniqueIndex({
  name: 'uq_categories_name',
  columns: ['name'],
  violated: 'A category with this name already exists',
  code: 'category_name_taken',
})
@Check({
  name: 'ck_categories_sort_order',
  expression: 'sort_order >= 0',
  violated: 'A sort order is not negative',
})
@Index('ix_categories_sort_order', ['sort_order', 'name_key', 'id'])
@Index('ix_categories_name_key', ['name_key', 'id'])
@Index('ix_categories_created_at', ['created_at', 'id'])
@Index('ix_categories_updated_at', ['updated_at', 'id'])
export class Category {
  @PrimaryGeneratedColumn()
  id!: number;

  @Column('varchar', { length: 100 })
  name!: string;

  /** The name's `nameKey`, by which lists are sorted. */
  @NameKey({ length: 1000 })
  name_key!: string;

  @Column('varchar', { length: 500, nullable: true })
  description!: string | null;

  /** Lists are sorted by this number, then by name. */
  @Column('integer', { default: 0 })
  sort_order!: number;

  @Column('integer')
  @ForeignKey('User', { name: 'fk_categories_created_by', onDelete: 'RESTRICT' })
  created_by!: number;

  @Column('integer')
  @ForeignKey('User', { name: 'fk_categories_updated_by', onDelete: 'RESTRICT' })
  updated_by!: number;

  @Timestamp(BYTE_ORDER)
  created_at!: string;

  @Timestamp(BYTE_ORDER)
  updated_at!: string;

  @RowVersionColumn()
  version!: number;
}
