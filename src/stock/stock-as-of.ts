import { sql, type SqlFragment } from '../platform/database/sql.js';

/**
 * Where a stock entry began and ended: the only movements in `ix_stock_movements_entries`, which is found by just these words, not
 * by parameters.
 */
const BEGAN = sql`began.reason = 'initial' and began.reverses_id is null`;
const ENDED = sql`
  ended.reason = 'removal' and ended.reverses_id is null
  and ended.item_id = began.item_id and ended.stock_entry_id = began.stock_entry_id`;

/**
 * The stock entries at a time in the past, by when movements happened, not by when they were recorded. It is a table `entry`
 * to select from, with the columns of `stock_entries` except `version`, and the name and SKU of items removed since.
 *
 * A quantity is computed backwards: today's quantity without what happened since. The more recent the time, the fewer rows. Each
 * entry is computed by itself, so that the first ones are there before the others: by `item_id`, and not sorted by another column.
 */
export function stockAsOf(time: string): SqlFragment {
  return entriesAsOf(time, sql`stock_movements began left join stock_movements ended on ${ENDED}`, sql`true`);
}

/** Those of {@link stockAsOf} that have ended since, which are few: found by their ends, in the order that a cross join fixes. */
export function endedSince(time: string): SqlFragment {
  return entriesAsOf(time, sql`stock_movements ended cross join stock_movements began`, ENDED);
}

function entriesAsOf(time: string, joined: SqlFragment, condition: SqlFragment): SqlFragment {
  const movements = sql`
    from stock_movements where item_id = began.item_id and stock_entry_id = began.stock_entry_id`;
  const last = sql`${movements} and occurred_at <= ${time} order by occurred_at desc, id desc limit 1`;
  return sql`(
    select began.stock_entry_id as id, began.item_id, began.created_by,
      case when began.recorded_at < began.occurred_at then began.recorded_at else began.occurred_at end as created_at,
      ended.item_name, ended.sku, (select created_by ${last}) as updated_by, (select recorded_at ${last}) as updated_at,
      coalesce(kept.quantity, 0)
        - coalesce((select cast(sum(delta) as bigint) ${movements} and occurred_at > ${time}), 0) as quantity
    from ${joined} left join stock_entries kept on kept.id = began.stock_entry_id
    where ${condition} and ${BEGAN} and began.occurred_at <= ${time}
      and (ended.id is null or ended.occurred_at > ${time})
  ) entry`;
}

/** How many entries {@link stockAsOf} has. */
export function countAsOf(time: string): SqlFragment {
  return sql`
    (select count(*) from stock_movements began where ${BEGAN} and began.occurred_at <= ${time})
    - (select count(*) from stock_movements ended join stock_movements began on ${ENDED}
      where ${BEGAN} and began.occurred_at <= ${time} and ended.occurred_at <= ${time})`;
}
