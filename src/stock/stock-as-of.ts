import { sql, type SqlFragment } from '../platform/database/sql.js';
import { MovementReason } from '../ledger/movement-reason.js';

/**
 * The stock entries at a time in the past, by when movements happened, not by when they were recorded. It is a table `entry`
 * to select from, with the columns of `stock_entries` except `version`, and the name and SKU of items removed since.
 *
 * A quantity is computed backwards: today's quantity without what happened since. The more recent the time, the fewer rows.
 */
export function stockAsOf(time: string): SqlFragment {
  return sql`(
    with began as (
      select stock_entry_id, created_by, occurred_at,
        case when recorded_at < occurred_at then recorded_at else occurred_at end as created_at
      from stock_movements
      where reason = ${MovementReason.Initial} and reverses_id is null
    ), entries as (
      select id, item_id, quantity, created_by, created_at, null as item_name, null as sku from stock_entries
      union all
      select ended.stock_entry_id, ended.item_id, 0, began.created_by, began.created_at, ended.item_name, ended.sku
      from stock_movements ended
      join began on began.stock_entry_id = ended.stock_entry_id
      where ended.reason = ${MovementReason.Removal} and ended.occurred_at > ${time}
    )
    select entries.id, entries.item_id, entries.created_by, entries.created_at, entries.item_name, entries.sku,
      last.created_by as updated_by, last.recorded_at as updated_at,
      entries.quantity - coalesce((
        select cast(sum(delta) as bigint) from stock_movements
        where item_id = entries.item_id and stock_entry_id = entries.id and occurred_at > ${time}
      ), 0) as quantity
    from entries
    join began on began.stock_entry_id = entries.id and began.occurred_at <= ${time}
    join stock_movements last on last.id = (
      select id from stock_movements
      where item_id = entries.item_id and stock_entry_id = entries.id and occurred_at <= ${time}
      order by occurred_at desc, id desc limit 1
    )
  ) entry`;
}
