import { type SqlFragment, sql } from '../platform/database/sql.js';
import { MovementReason } from '../ledger/movement-reason.js';

/**
 * The stock entries as they stood at a moment, by when things happened and not by when they were written down: a table
 * `entry` to select from, with the columns of `stock_entries`, and the name and SKU of items that have left the stock since.
 *
 * What was there is what is there without all that happened since. So the more recent the moment, the less there is to read.
 */
export function stockAsOf(moment: string): SqlFragment {
  return sql`(
    with began as (
      select stock_entry_id, created_by, occurred_at from stock_movements
      where reason = ${MovementReason.Initial} and reverses_id is null
    ), stay as (
      select id, item_id, quantity, created_by, created_at, null as item_name, null as sku from stock_entries
      union all
      select ended.stock_entry_id, ended.item_id, 0, began.created_by, began.occurred_at, ended.item_name, ended.sku
      from stock_movements ended
      join began on began.stock_entry_id = ended.stock_entry_id
      where ended.reason = ${MovementReason.Removal} and ended.occurred_at > ${moment}
    )
    select stay.id, stay.item_id, stay.created_by, stay.created_at, stay.item_name, stay.sku,
      last.created_by as updated_by, last.recorded_at as updated_at,
      stay.quantity - coalesce((
        select cast(sum(delta) as bigint) from stock_movements
        where item_id = stay.item_id and stock_entry_id = stay.id and occurred_at > ${moment}
      ), 0) as quantity
    from stay
    join began on began.stock_entry_id = stay.id and began.occurred_at <= ${moment}
    join stock_movements last on last.id = (
      select id from stock_movements
      where item_id = stay.item_id and stock_entry_id = stay.id and occurred_at <= ${moment}
      order by occurred_at desc, id desc limit 1
    )
  ) entry`;
}
