import type { MigrationInterface, QueryRunner } from 'typeorm';
import { dialectOf } from './dialect.js';

/** What a change of is a row of `item_prices`. */
const PRICES = ['unit_price', 'tax_rate', 'discount_rate', 'unit_cost'];

const COLUMNS = ['item_id', ...PRICES, 'valid_from', 'created_by'].join(', ');
const NEW_VALUES = [
  'new.id',
  ...PRICES.map((price) => `new.${price}`),
  'new.updated_at',
  'new.updated_by',
].join(', ');

const REFUSED = 'The price history is neither changed nor deleted';

/**
 * What an item costs the shop, what it cost and was sold for at each movement, and every price that it ever had.
 *
 * Triggers write the price history, so that no statement can forget to. An item that comes with its history, as when a database
 * is moved, gets no new row. Items that are there already get their first row, as of their last change, since when their prices
 * are known.
 */
export class KeepPrices1764001400000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    const { primaryKey, binaryOrder } = dialectOf(queryRunner);
    await queryRunner.query(`
      alter table "items" add column "unit_cost" bigint
        CONSTRAINT "ck_items_unit_cost" CHECK (unit_cost >= 0)`);
    for (const column of ['unit_price', 'unit_cost']) {
      await queryRunner.query(`alter table "stock_movements" add column "${column}" bigint`);
    }
    await queryRunner.query(`alter table "stock_movements" add column "cart_id" integer`);
    await queryRunner.query(`
      create index "ix_stock_movements_cart" on "stock_movements" ("cart_id", "item_id", "id")
      where cart_id is not null`);
    await queryRunner.query(`
      create table "item_prices" (
        "id" ${primaryKey},
        "item_id" integer not null,
        "unit_price" bigint not null,
        "tax_rate" bigint not null,
        "discount_rate" bigint not null,
        "unit_cost" bigint,
        "valid_from" varchar(24) ${binaryOrder} not null,
        "created_by" integer not null,
        CONSTRAINT "fk_item_prices_created_by" FOREIGN KEY ("created_by") REFERENCES "users" ("id") ON DELETE RESTRICT
      )`);
    await queryRunner.query(
      `create index "ix_item_prices_item" on "item_prices" ("item_id", "valid_from", "id")`,
    );
    await queryRunner.query(`
      insert into item_prices (${COLUMNS})
      select id, ${PRICES.join(', ')}, updated_at, updated_by from items order by id`);
    await (queryRunner.dataSource.options.type === 'postgres' ? guardOnPostgres : guardOnSqlite)(queryRunner);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    const isPostgres = queryRunner.dataSource.options.type === 'postgres';
    for (const event of ['insert', 'update']) {
      await queryRunner.query(`drop trigger "tr_items_${event}_price"${isPostgres ? ' on "items"' : ''}`);
    }
    await queryRunner.query('drop table "item_prices"');
    if (isPostgres) {
      await queryRunner.query('drop function keep_item_price()');
      await queryRunner.query('drop function refuse_price_change()');
    }
    await queryRunner.query('drop index "ix_stock_movements_cart"');
    for (const column of ['cart_id', 'unit_cost', 'unit_price']) {
      await queryRunner.query(`alter table "stock_movements" drop column "${column}"`);
    }
    await queryRunner.query('alter table "items" drop column "unit_cost"');
  }
}

async function guardOnSqlite(queryRunner: QueryRunner): Promise<void> {
  const add = `insert into item_prices (${COLUMNS}) values (${NEW_VALUES})`;
  const isChanged = PRICES.map((price) => `new.${price} is not old.${price}`).join(' or ');
  await queryRunner.query(`
    create trigger "tr_items_insert_price" after insert on "items"
    when not exists (select 1 from item_prices where item_id = new.id) begin
      ${add};
    end`);
  await queryRunner.query(`
    create trigger "tr_items_update_price" after update of ${PRICES.join(', ')} on "items" when ${isChanged} begin
      ${add};
    end`);
  for (const change of ['update', 'delete']) {
    await queryRunner.query(`
      create trigger "tr_item_prices_refuse_${change}" before ${change} on "item_prices" begin
        select raise(abort, '${REFUSED}');
      end`);
  }
}

async function guardOnPostgres(queryRunner: QueryRunner): Promise<void> {
  const isChanged = PRICES.map((price) => `new.${price} is distinct from old.${price}`).join(' or ');
  await queryRunner.query(`
    create function keep_item_price() returns trigger language plpgsql as $$
    begin
      insert into item_prices (${COLUMNS})
        select ${NEW_VALUES}
        where tg_op = 'UPDATE' or not exists (select from item_prices where item_id = new.id);
      return null;
    end $$`);
  await queryRunner.query(`
    create trigger "tr_items_insert_price" after insert on "items"
    for each row execute function keep_item_price()`);
  await queryRunner.query(`
    create trigger "tr_items_update_price" after update of ${PRICES.join(', ')} on "items"
    for each row when (${isChanged}) execute function keep_item_price()`);
  await queryRunner.query(`
    create function refuse_price_change() returns trigger language plpgsql as $$
    begin
      raise exception '${REFUSED}';
    end $$`);
  for (const change of ['update', 'delete', 'truncate']) {
    await queryRunner.query(`
      create trigger "tr_item_prices_refuse_${change}" before ${change} on "item_prices"
      for each statement execute function refuse_price_change()`);
  }
}
