import { Controller, Get, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { OWNERS } from '../platform/authorization/role.js';
import { Roles } from '../platform/authorization/roles.decorator.js';
import { JsonOrCsv } from '../platform/csv/table.decorators.js';
import type { Table } from '../platform/csv/table.js';
import { ApiErrors } from '../platform/errors/api-errors.decorator.js';
import { MovementReportQuery, SalesReportQuery, StockValueQuery } from './dto/report-query.dto.js';
import { MovementReport, SalesReport, StockValueReport } from './dto/report-response.dto.js';
import { ReportsService } from './reports.service.js';

const MOVEMENTS_EXAMPLE =
  'reason,movements,quantity,at_price,at_cost,without_price,without_cost\r\nwaste,3,-4.5,-17.96,-9.8765,0,0\r\n';
const SALES_EXAMPLE =
  'day,quantity,revenue,discount,tax,cost,margin,refunded,without_cost\r\n2026-03-01,12.5,49.88,2.5,4.53,21.25,24.1,0,0\r\n';
const STOCK_EXAMPLE =
  'category_id,category_name,items,quantity,at_price,at_cost,without_price,without_cost\r\n1,Fresh Produce,7,410.5,1294.5,801.25,0,3\r\n';

@ApiTags('Reports')
@Controller('reports')
export class ReportsController {
  constructor(private readonly reports: ReportsService) {}

  /**
   * Report the value of the stock
   *
   * @remarks By category, at prices and at costs: of now, or of any time in the past. As JSON, or as CSV with `format=csv`.
   * @throws {409} The sums are too large to be told exactly.
   */
  @Get('stock-value')
  @Roles(...OWNERS)
  @ApiErrors('amount_too_large')
  @JsonOrCsv('stock-value', STOCK_EXAMPLE, StockValueReport)
  getStockValue(@Query() query: StockValueQuery): Promise<Table> {
    return this.reports.stockValue(query);
  }

  /**
   * Report the movements
   *
   * @remarks What came and what went on some trading days, by when it happened: what was wasted, delivered, sold, missing when
   * it was counted. Grouped by `reason`, `item`, `category`, `day` and `user`, or some of them. As JSON, or as CSV with
   * `format=csv`.
   * @throws {409} The sums are too large to be told exactly.
   */
  @Get('movements')
  @Roles(...OWNERS)
  @ApiErrors('amount_too_large')
  @JsonOrCsv('movements-report', MOVEMENTS_EXAMPLE, MovementReport)
  getMovementReport(@Query() query: MovementReportQuery): Promise<Table> {
    return this.reports.movements(query);
  }

  /**
   * Report the sales
   *
   * @remarks What was sold on some trading days: by carts, and by movements without a cart, which have no discount and no tax.
   * Grouped by `day`, `item`, `category`, `hour` and `user`, or some of them. As JSON, or as CSV with `format=csv`.
   * @throws {409} The sums are too large to be told exactly.
   */
  @Get('sales')
  @Roles(...OWNERS)
  @ApiErrors('amount_too_large')
  @JsonOrCsv('sales-report', SALES_EXAMPLE, SalesReport)
  getSalesReport(@Query() query: SalesReportQuery): Promise<Table> {
    return this.reports.sales(query);
  }
}
