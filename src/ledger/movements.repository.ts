import { Injectable } from '@nestjs/common';
import { Database } from '../database/database.js';
import { isInOneOf, type RowState } from '../database/row-version.js';
import { sql } from '../database/sql.js';
import { StockMovement } from './stock-movement.entity.js';

/** Where an item's next movement goes on from. */
export interface LedgerHead {
  /** The id that the next movement is to have. */
  next_id: number;
  item_name: string;
  sku: string | null;
  /** The quantity and the hash of the item's last movement; null when it has none. */
  quantity: number | null;
  hash: string | null;
}

/** The queries on `stock_movements`, and the one on `stock_entries` that ends a stay in stock. */
@Injectable()
export class MovementsRepository {
  constructor(private readonly database: Database) {}

  /** Inside the transaction that has changed the item's stock entry: until its end, nobody else goes on from here. */
  async findHead(itemId: number): Promise<LedgerHead> {
    const [head] = await this.database.read<LedgerHead>`
      select item.name as item_name, item.sku, last.quantity_after as quantity, last.hash, ${this.nextId} as next_id
      from items item
      left join stock_movements last
        on last.id = (select max(id) from stock_movements where item_id = item.id)
      where item.id = ${itemId}`;
    return head as LedgerHead;
  }

  /** @throws ConstraintViolation `uq_stock_movements_reverses`, `ck_stock_movements_quantity` */
  insert(movement: StockMovement): Promise<StockMovement> {
    return this.database.insert(StockMovement, movement);
  }

  async findById(id: number): Promise<StockMovement | undefined> {
    const [movement] = await this.database.read<StockMovement>`
      select * from stock_movements where id = ${id}`;
    return movement;
  }

  async isReversed(id: number): Promise<boolean> {
    const reversals = await this.database.read`select id from stock_movements where reverses_id = ${id}`;
    return reversals.length > 0;
  }

  /** Deletes an item's stock entry and answers what it was; undefined when there was none in an expected state. */
  async deleteEntry(
    itemId: number,
    expected?: RowState[],
  ): Promise<{ id: number; quantity: number } | undefined> {
    const [entry] = await this.database.write<{ id: number; quantity: number }>`
      delete from stock_entries where item_id = ${itemId} and ${isInOneOf(expected)} returning id, quantity`;
    return entry;
  }

  /** The hash covers the id, so it is taken before the row is written. SQLite's only writer may count it out. */
  private readonly nextId = this.database.isSqlite
    ? sql`(select coalesce(max(id), 0) + 1 from stock_movements)`
    : sql`nextval('stock_movements_id_seq')`;
}
