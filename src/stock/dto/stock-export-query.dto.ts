import { IntersectionType, OmitType } from '@nestjs/swagger';
import { CsvQuery } from '../../platform/csv/csv-query.dto.js';
import { PAGING } from '../../platform/lists/page-query.dto.js';
import type { ListedStockEntryResponse } from './stock-entry-response.dto.js';
import { StockListQuery } from './stock-list-query.dto.js';

export class StockExportQuery extends IntersectionType(OmitType(StockListQuery, PAGING), CsvQuery) {}

export const STOCK_COLUMNS = [
  'id',
  'item_id',
  'item_name',
  'sku',
  'quantity',
  'created_by',
  'updated_by',
  'created_at',
  'updated_at',
] as const satisfies (keyof ListedStockEntryResponse)[];
