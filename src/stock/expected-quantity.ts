import { sql, SqlFragment } from '../platform/database/sql.js';
import { MovementReason } from '../ledger/movement-reason.js';
import { STATES_A_QUANTITY } from '../ledger/stock-movement.entity.js';

const STATES_QUANTITY = new SqlFragment([STATES_A_QUANTITY], []);

/**
 * An expression: what is in stock of an item by what is recorded, at the end of a time, in thousandths. Null where the item was
 * not in stock then. It is what a count of that time is compared with.
 *
 * @param itemId an expression
 * @param time an expression: ISO 8601, UTC
 */
export function expectedQuantity(itemId: SqlFragment, time: SqlFragment): SqlFragment {
  const ended = sql`
    select removal.stock_entry_id from stock_movements removal
    where removal.item_id = ${itemId} and (${STATES_QUANTITY}) and removal.reason = ${MovementReason.Removal}
      and removal.occurred_at >= ${time}
    order by removal.occurred_at, removal.id limit 1`;
  return sql`(
    select coalesce(entry.quantity, 0) - coalesce((
      select cast(sum(moved.delta) as bigint) from stock_movements moved
      where moved.item_id = ${itemId} and moved.stock_entry_id = of_time.entry_id and moved.occurred_at > ${time}
    ), 0)
    from (select coalesce((${ended}), (select current.id from stock_entries current where current.item_id = ${itemId})) as entry_id) of_time
    left join stock_entries entry on entry.id = of_time.entry_id
    where of_time.entry_id is not null)`;
}
