import { setImmediate as nextTurn } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import { DateTime } from 'luxon';
import { Settings } from '../platform/config/settings.js';
import { Table } from '../platform/csv/table.js';
import type { Reader } from '../platform/database/database.js';
import { forEachInTurns, mapInTurns } from '../platform/lists/in-turns.js';
import { CodedException } from '../platform/errors/coded.exception.js';
import {
  fromHundredths,
  fromTenThousandths,
  fromThousandths,
  hundredths,
  tenThousandths,
  thousandths,
} from '../platform/validation/decimal.js';
import { ValidationException } from '../platform/validation/validation.exception.js';
import { TradingDaysService } from '../trading-days/trading-days.service.js';
import { groupsOf } from './dto/group-by.field.js';
import type { MovementReportQuery, SalesReportQuery, StockValueQuery } from './dto/report-query.dto.js';
import type {
  MovementReport,
  MovementReportTotals,
  SalesReport,
  SalesReportTotals,
  StockValueReport,
  StockValueTotals,
} from './dto/report-response.dto.js';
import { type Group, GROUP_COLUMNS, type GroupFields, GroupedSums, type Keys } from './report-groups.js';
import { type GroupedRow, ReportsRepository } from './reports.repository.js';

const MAX_DAYS = 366;
/** What a client can show, and the memory of a program that serves others, too. */
const MAX_ROWS = 100_000;

/** In thousandths, hundredths and ten-thousandths, and how many have no price or no cost. */
type Values = Record<'quantity' | 'at_price' | 'at_cost' | 'without_price' | 'without_cost', number>;
type MovementFigures = Values & Record<'movements', number>;
type StockFigures = Values & Record<'items', number>;
type SalesFigures = Record<
  'quantity' | 'revenue' | 'discount' | 'tax' | 'cost' | 'refunded' | 'without_cost',
  number
>;

const NO_VALUES: Values = { quantity: 0, at_price: 0, at_cost: 0, without_price: 0, without_cost: 0 };
const NO_MOVEMENTS: MovementFigures = { movements: 0, ...NO_VALUES };
const NO_STOCK: StockFigures = { items: 0, ...NO_VALUES };
const NO_SALES: SalesFigures = {
  quantity: 0,
  revenue: 0,
  discount: 0,
  tax: 0,
  cost: 0,
  refunded: 0,
  without_cost: 0,
};

/** Reports for owners, in the shop's days, day by day, so that others are served in between. */
@Injectable()
export class ReportsService {
  constructor(
    private readonly reports: ReportsRepository,
    private readonly days: TradingDaysService,
    private readonly settings: Settings,
  ) {}

  /** @throws ValidationException, CodedException 409 for sums that are too large */
  async movements(query: MovementReportQuery): Promise<Table> {
    const span = this.resolve(query);
    const groups = groupsOf(query.group_by);
    const sums = new GroupedSums<MovementFigures>(groups, NO_MOVEMENTS);
    const rows = await this.collect(span, sums, async (reader, day) => {
      const found = await this.reports.sumMovements(reader, this.days.calendar.boundsOf(day), groups);
      await forEachInTurns(found, (row) => {
        const { movements, quantity, at_price, at_cost, without_price, without_cost } = row;
        assertSmall(row);
        const figures = { movements, quantity, at_price, at_cost, without_price, without_cost };
        if (movements > 0) sums.add(this.keysOf(row, day), figures);
      });
    });
    const report: MovementReport = {
      ...span,
      rows: await mapInTurns(rows, ({ fields, figures }) => ({ ...fields, ...movementFiguresOf(figures) })),
      totals: movementFiguresOf(sums.totals),
    };
    return Table.of(report.rows, columnsOf<keyof MovementReportTotals>(groups, report.totals), query, report);
  }

  /** @throws ValidationException, CodedException 409 for sums that are too large */
  async sales(query: SalesReportQuery): Promise<Table> {
    const span = this.resolve(query);
    const groups = groupsOf(query.group_by);
    const sums = new GroupedSums<SalesFigures>(groups, NO_SALES);
    const rows = await this.collect(span, sums, async (reader, day) => {
      const bounds = this.days.calendar.boundsOf(day);
      const sold = [
        ...(await this.reports.sumCarts(reader, day, groups)),
        ...(await this.reports.sumPlainSales(reader, bounds, groups)),
      ];
      await forEachInTurns(sold, (row) => {
        const { quantity, revenue, discount, tax, cost, without_cost } = row;
        assertSmall(row);
        const isEmpty = [quantity, revenue, cost, without_cost].every((figure) => figure === 0);
        if (!isEmpty) {
          sums.add(this.keysOf(row, day), { quantity, revenue, discount, tax, cost, without_cost });
        }
      });
      await forEachInTurns(await this.reports.sumRefunds(reader, day, groups), (row) => {
        if (row.refunded > 0) sums.add(this.keysOf(row, day), { refunded: row.refunded });
      });
    });
    const report: SalesReport = {
      ...span,
      rows: await mapInTurns(rows, ({ fields, figures }) => ({ ...fields, ...salesFiguresOf(figures) })),
      totals: salesFiguresOf(sums.totals),
    };
    return Table.of(report.rows, columnsOf<keyof SalesReportTotals>(groups, report.totals), query, report);
  }

  /** @throws CodedException 409 for sums that are too large */
  async stockValue(query: StockValueQuery): Promise<Table> {
    const found = await this.reports.fromSnapshot((reader) => this.reports.sumStock(reader, query.as_of));
    const totals = { ...NO_STOCK };
    for (const row of found) {
      assertSmall(row);
      for (const name of Object.keys(totals) as (keyof StockFigures)[]) totals[name] += row[name];
    }
    assertExact(Object.values(totals).every(Number.isSafeInteger));
    const report: StockValueReport = {
      rows: found.map(({ category_id, category_name, ...figures }) => ({
        category_id,
        category_name,
        ...stockFiguresOf(figures),
      })),
      totals: stockFiguresOf(totals),
    };
    const columns = Object.keys(report.totals) as (keyof StockValueTotals)[];
    return Table.of(report.rows, ['category_id', 'category_name', ...columns], query, report);
  }

  /** Adds up the days of a span, from one snapshot, and gives the rows their names. */
  private collect<Figures extends Record<string, number>>(
    span: { from: string; to: string },
    sums: GroupedSums<Figures>,
    addDay: (reader: Reader, day: string) => Promise<void>,
  ): Promise<{ fields: GroupFields; figures: Figures }[]> {
    return this.reports.fromSnapshot(async (reader) => {
      for (let { from: day } = span; day <= span.to; day = this.days.calendar.dayAfter(day)) {
        await nextTurn();
        await addDay(reader, day);
        if (sums.size > MAX_ROWS) {
          const msg = `Value error, these are more than ${MAX_ROWS} rows: choose fewer groups or a shorter span`;
          throw ValidationException.of({ type: 'value_error', msg }, 'query', 'group_by');
        }
      }
      assertExact(sums.isExact);
      const names = await this.reports.findNames(reader, {
        items: await sums.idsOf('item_id'),
        categories: await sums.idsOf('category_id'),
        users: await sums.idsOf('user_id'),
      });
      return await sums.named(names);
    });
  }

  /** @throws ValidationException */
  private resolve(query: { from: string; to: string }): { from: string; to: string } {
    const [from, to] = [this.days.resolve(query.from), this.days.resolve(query.to)];
    const days = DateTime.fromISO(to).diff(DateTime.fromISO(from), 'days').days + 1;
    const refuse = (msg: string) =>
      ValidationException.of({ type: 'value_error', msg: `Value error, ${msg}` }, 'query', 'to');
    if (days < 1) throw refuse('to is before from');
    if (days > MAX_DAYS) throw refuse(`a report is of at most ${MAX_DAYS} days`);
    return { from, to };
  }

  private keysOf({ minute, ...keys }: GroupedRow, day: string): Keys {
    const { reason, item_id, category_id, user_id } = keys;
    return { day, hour: minute === null ? null : this.hourOf(minute), reason, item_id, category_id, user_id };
  }

  private hourOf(minute: string): number {
    return DateTime.fromISO(`${minute}Z`, { zone: this.settings.shopTimeZone }).hour;
  }
}

/** @throws CodedException 409 */
function assertSmall({ too_large }: { too_large: number }): void {
  assertExact(too_large === 0);
}

function assertExact(isExact: boolean): void {
  if (!isExact) throw new CodedException(409, 'amount_too_large', 'The sums of this report are too large');
}

/** The columns of the groups, then those of the figures. */
function columnsOf<Figure extends string>(groups: Group[], figures: Record<Figure, number>) {
  return [...groups.flatMap((group) => GROUP_COLUMNS[group]), ...(Object.keys(figures) as Figure[])];
}

function movementFiguresOf({ movements, ...values }: MovementFigures) {
  return { movements, ...valuesOf(values) };
}

function salesFiguresOf(figures: SalesFigures) {
  const [revenue, tax, cost] = [figures.revenue, figures.tax, figures.cost];
  return {
    quantity: fromThousandths(thousandths(figures.quantity)),
    revenue: fromHundredths(hundredths(revenue)),
    discount: fromHundredths(hundredths(figures.discount)),
    tax: fromHundredths(hundredths(tax)),
    cost: fromTenThousandths(tenThousandths(cost)),
    margin: fromTenThousandths(tenThousandths((revenue - tax) * 100 - cost)),
    refunded: fromHundredths(hundredths(figures.refunded)),
    without_cost: figures.without_cost,
  };
}

function stockFiguresOf({ items, ...values }: StockFigures) {
  return { items, ...valuesOf(values) };
}

function valuesOf({ quantity, at_price, at_cost, without_price, without_cost }: Values) {
  return {
    quantity: fromThousandths(thousandths(quantity)),
    at_price: fromHundredths(hundredths(at_price)),
    at_cost: fromTenThousandths(tenThousandths(at_cost)),
    without_price,
    without_cost,
  };
}
