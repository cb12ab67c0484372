import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Finds a part of an item's name without reading every name: by its trigrams, the runs of three characters in it.
 * SQLite keeps them in a full-text table that triggers hold level with `items`, PostgreSQL in an index of pg_trgm, an
 * extension that the database's owner may add.
 */
export class IndexItemNames1764000100000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    if (queryRunner.dataSource.options.type === 'postgres') {
      await queryRunner.query('create extension if not exists pg_trgm');
      await queryRunner.query(
        'create index "ix_items_name_key_trigrams" on "items" using gin ("name_key" gin_trgm_ops)',
      );
      return;
    }
    await queryRunner.query(`
      create virtual table "item_names" using fts5 (
        name_key, content = 'items', content_rowid = 'id', tokenize = 'trigram case_sensitive 1', detail = 'none'
      )`);
    await queryRunner.query(`
      create trigger "tr_items_insert_name" after insert on "items" begin
        insert into item_names (rowid, name_key) values (new.id, new.name_key);
      end`);
    await queryRunner.query(`
      create trigger "tr_items_update_name" after update of name_key on "items" begin
        insert into item_names (item_names, rowid, name_key) values ('delete', old.id, old.name_key);
        insert into item_names (rowid, name_key) values (new.id, new.name_key);
      end`);
    await queryRunner.query(`
      create trigger "tr_items_delete_name" after delete on "items" begin
        insert into item_names (item_names, rowid, name_key) values ('delete', old.id, old.name_key);
      end`);
    await queryRunner.query(`insert into item_names (item_names) values ('rebuild')`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    if (queryRunner.dataSource.options.type === 'postgres') {
      await queryRunner.query('drop index "ix_items_name_key_trigrams"');
      return;
    }
    for (const event of ['insert', 'update', 'delete']) {
      await queryRunner.query(`drop trigger "tr_items_${event}_name"`);
    }
    await queryRunner.query('drop table "item_names"');
  }
}
