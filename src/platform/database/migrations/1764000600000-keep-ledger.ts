import { hash } from 'node:crypto';
import type { MigrationInterface, QueryRunner } from 'typeorm';
import { dialectOf } from './dialect.js';

/** Rows that are written at once: few enough for both engines' limits of parameters in a statement. */
const BATCH = 1000;

const INDEXES = [
  ['ix_stock_movements_item', 'item_id, id'],
  ['ix_stock_movements_occurred_at', 'occurred_at, id'],
  ['ix_stock_movements_reason', 'reason, id'],
  ['ix_stock_movements_created_by', 'created_by, id'],
] as const;

/** A movement as this migration writes it. */
interface Movement {
  id: number;
  item_id: number;
  stock_entry_id: number;
  item_name: string;
  sku: string | null;
  delta: number;
  quantity_before: number;
  quantity_after: number;
  reason: string;
  note: string | null;
  reference: string | null;
  occurred_at: string;
  recorded_at: string;
  created_by: number;
  reverses_id: number | null;
}

/**
 * The ledger: every change of a quantity in stock, in a table that no statement changes a row of. What is in stock already
 * gets its first movement, as of its last change, since when it is known to be as much as it is.
 */
export class KeepLedger1764000600000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    const { primaryKey, binaryOrder } = dialectOf(queryRunner);
    await queryRunner.query(`
      create table "stock_movements" (
        "id" ${primaryKey},
        "item_id" integer not null,
        "stock_entry_id" integer not null,
        "item_name" varchar(200) not null,
        "sku" varchar(50),
        "delta" bigint not null,
        "quantity_before" bigint not null,
        "quantity_after" bigint not null,
        "reason" varchar(20) not null,
        "note" varchar(500),
        "reference" varchar(100),
        "occurred_at" varchar(24) ${binaryOrder} not null,
        "recorded_at" varchar(24) ${binaryOrder} not null,
        "created_by" integer not null,
        "reverses_id" integer,
        "hash" varchar(64) not null,
        CONSTRAINT "fk_stock_movements_created_by" FOREIGN KEY ("created_by") REFERENCES "users" ("id") ON DELETE RESTRICT,
        CONSTRAINT "fk_stock_movements_reverses" FOREIGN KEY ("reverses_id") REFERENCES "stock_movements" ("id") ON DELETE RESTRICT,
        CONSTRAINT "ck_stock_movements_quantity" CHECK (quantity_before >= 0 and quantity_after >= 0),
        CONSTRAINT "ck_stock_movements_delta" CHECK (quantity_before + delta = quantity_after))`);
    await queryRunner.query(`
      create unique index "uq_stock_movements_reverses" on "stock_movements" ("reverses_id") WHERE reverses_id is not null`);
    for (const [name, columns] of INDEXES) {
      await queryRunner.query(`create index "${name}" on "stock_movements" (${columns})`);
    }
    await recordStock(queryRunner);
    await (queryRunner.dataSource.options.type === 'postgres' ? closeOnPostgres : closeOnSqlite)(queryRunner);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('drop table "stock_movements"');
    if (queryRunner.dataSource.options.type === 'postgres') {
      await queryRunner.query('drop function refuse_change()');
    }
  }
}

async function recordStock(queryRunner: QueryRunner): Promise<void> {
  const { placeholder } = dialectOf(queryRunner);
  const recorded_at = new Date().toISOString();
  let [lastEntry, lastId] = [0, 0];
  for (;;) {
    const entries = (await queryRunner.query(
      `select entry.id as stock_entry_id, item_id, item.name as item_name, item.sku, quantity as delta,
        entry.updated_at as occurred_at, entry.updated_by as created_by
      from stock_entries entry join items item on item.id = item_id
      where entry.id > ${placeholder(1)} order by entry.id limit ${BATCH}`,
      [lastEntry],
    )) as Omit<Movement, 'id'>[];
    if (entries.length === 0) break;
    const movements = entries.map((entry): Movement & { hash: string } => {
      const movement = {
        ...entry,
        id: ++lastId,
        quantity_before: 0,
        quantity_after: entry.delta,
        reason: 'initial',
        note: null,
        reference: null,
        recorded_at,
        reverses_id: null,
      };
      return { ...movement, hash: hashOfFirst(movement) };
    });
    const columns = Object.keys(movements[0] as object) as (keyof (typeof movements)[number])[];
    const rows = movements.map((_, row) => {
      const places = columns.map((_, column) => placeholder(row * columns.length + column + 1));
      return `(${places.join(', ')})`;
    });
    await queryRunner.query(
      `insert into stock_movements (${columns.join(', ')}) values ${rows.join(', ')}`,
      movements.flatMap((movement) => columns.map((column) => movement[column])),
    );
    lastEntry = movements.at(-1)?.stock_entry_id ?? lastEntry;
  }
  if (queryRunner.dataSource.options.type === 'postgres') {
    await queryRunner.query(`select setval('stock_movements_id_seq', ${lastId + 1}, false)`);
  }
}

/** The first version of `movementHash`, for an item's first movement. */
function hashOfFirst(movement: Movement): string {
  return hash(
    'sha256',
    JSON.stringify([
      null,
      movement.id,
      movement.item_id,
      movement.stock_entry_id,
      movement.item_name,
      movement.sku,
      movement.delta,
      movement.quantity_before,
      movement.quantity_after,
      movement.reason,
      movement.note,
      movement.reference,
      movement.occurred_at,
      movement.recorded_at,
      movement.created_by,
      movement.reverses_id,
    ]),
  );
}

async function closeOnSqlite(queryRunner: QueryRunner): Promise<void> {
  for (const change of ['update', 'delete']) {
    await queryRunner.query(`
      create trigger "tr_stock_movements_refuse_${change}" before ${change} on "stock_movements" begin
        select raise(abort, 'Movements are neither changed nor deleted');
      end`);
  }
}

async function closeOnPostgres(queryRunner: QueryRunner): Promise<void> {
  await queryRunner.query(`
    create function refuse_change() returns trigger language plpgsql as $$
    begin
      raise exception 'Movements are neither changed nor deleted';
    end $$`);
  for (const change of ['update', 'delete', 'truncate']) {
    await queryRunner.query(`
      create trigger "tr_stock_movements_refuse_${change}" before ${change} on "stock_movements"
      for each statement execute function refuse_change()`);
  }
}
