import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Barcodes as GTIN-14, so that a scanned one is found whatever the zeros before it, by an index. */
export class IndexGtins1764000810000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('alter table "items" add column "gtin" varchar(14)');
    await queryRunner.query(
      queryRunner.dataSource.options.type === 'postgres'
        ? `update items set gtin = lpad(barcode, 14, '0') where barcode ~ '^[0-9]{1,14}$'`
        : `update items set gtin = substr('00000000000000' || barcode, -14)
           where length(barcode) between 1 and 14 and barcode not glob '*[^0-9]*'`,
    );
    await queryRunner.query('create index "ix_items_gtin" on "items" ("gtin", "id")');
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('drop index "ix_items_gtin"');
    await queryRunner.query('alter table "items" drop column "gtin"');
  }
}
