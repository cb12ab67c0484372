import { Column, Entity, PrimaryGeneratedColumn } from 'typeorm';
import { ForeignKey, UniqueIndex } from '../platform/database/constraints.js';

/** Some rows of a file that is imported, read and checked. They are deleted when the import has ended. */
@Entity('item_import_batches')
@UniqueIndex({
  name: 'uq_item_import_batches_position',
  columns: ['import_id', 'position'],
  violated: 'These rows are there already',
})
export class ItemImportBatch {
  @PrimaryGeneratedColumn()
  id!: number;

  @Column('integer')
  @ForeignKey('ItemImport', { name: 'fk_item_import_batches_import', onDelete: 'CASCADE' })
  import_id!: number;

  @Column('integer')
  position!: number;

  /** {@link ImportedRow}s as JSON. */
  @Column('text')
  rows!: string;
}
