import { Injectable } from '@nestjs/common';
import { Database } from '../platform/database/database.js';
import { commaSeparated, sql, type SqlFragment } from '../platform/database/sql.js';
import type { CategorySales, ItemSales, PricedSales } from './sales-analysis.js';

/** Trading days, both in. */
export interface DateSpan {
  start_date: string;
  end_date: string;
}

const SUMS = sql`
  cast(coalesce(sum(line.quantity), 0) as bigint) as quantity,
  cast(coalesce(sum(line.line_total), 0) as bigint) as revenue`;

/** The queries on what was sold on closed days. */
@Injectable()
export class SalesAnalysisRepository {
  constructor(private readonly database: Database) {}

  /** Of one item, also if none was sold. */
  async sumItem(item_id: number, span: DateSpan): Promise<ItemSales> {
    const [sums] = await this.database.read<Omit<ItemSales, 'item_id' | 'prices'>>`
      select ${SUMS}, count(distinct line.account_id) as days
      from ${closedLines(span)} and line.item_id = ${item_id}`;
    const prices = await this.findPrices([item_id], span);
    return { item_id, ...(sums as Omit<ItemSales, 'item_id' | 'prices'>), prices };
  }

  /** The items of which most was sold. */
  async listTopSellers(limit: number, span: DateSpan): Promise<ItemSales[]> {
    const items = await this.database.read<Omit<ItemSales, 'prices'>>`
      select line.item_id, ${SUMS}, count(distinct line.account_id) as days
      from ${closedLines(span)}
      group by line.item_id order by quantity desc, revenue desc, line.item_id limit ${limit}`;
    const prices = await this.findPrices(
      items.map(({ item_id }) => item_id),
      span,
    );
    return items.map((item) => ({
      ...item,
      prices: prices.filter(({ item_id }) => item_id === item.item_id),
    }));
  }

  /** By the categories of today, the one with the highest revenue first. */
  sumByCategory(span: DateSpan): Promise<CategorySales[]> {
    return this.database.read<CategorySales>`
      select category.id as category_id, category.name as category_name, ${SUMS},
        count(distinct line.item_id) as items
      from daily_account_items line
      join daily_accounts account on account.id = line.account_id
      left join items item on item.id = line.item_id
      left join categories category on category.id = item.category_id
      where ${isClosedWithin(span)}
      group by category.id, category.name order by revenue desc, category.id`;
  }

  private async findPrices(itemIds: number[], span: DateSpan): Promise<PricedSales[]> {
    if (itemIds.length === 0) return [];
    return this.database.read<PricedSales>`
      select line.item_id, line.item_name, line.sku, line.unit_price,
        cast(sum(line.quantity) as bigint) as quantity,
        max(account.account_date) as last_date, max(line.id) as last_id
      from ${closedLines(span)} and line.item_id in (${commaSeparated(itemIds.map((id) => sql`${id}`))})
      group by line.item_id, line.item_name, line.sku, line.unit_price`;
  }
}

function closedLines(span: DateSpan): SqlFragment {
  return sql`
    daily_account_items line join daily_accounts account on account.id = line.account_id
    where ${isClosedWithin(span)}`;
}

function isClosedWithin({ start_date, end_date }: DateSpan): SqlFragment {
  return sql`account.is_closed and account.account_date >= ${start_date} and account.account_date <= ${end_date}`;
}
