import { Injectable } from '@nestjs/common';
import type { ItemSalesQuery, SalesQuery, TopSellersQuery } from './dto/sales-query.dto.js';
import {
  type CategorySalesResponse,
  categorySalesResponseOf,
  type ItemSalesResponse,
  itemSalesResponseOf,
  type TopSellerResponse,
  topSellerResponseOf,
} from './dto/sales-response.dto.js';
import { SalesAnalysisRepository } from './sales-analysis.repository.js';

const DEFAULT_LIMIT = 10;

/** What was sold on closed days. */
@Injectable()
export class SalesAnalysisService {
  constructor(private readonly analysis: SalesAnalysisRepository) {}

  async ofItem({ item_id, ...span }: ItemSalesQuery): Promise<ItemSalesResponse> {
    return itemSalesResponseOf(await this.analysis.sumItem(item_id, span));
  }

  async topSellers({ limit = DEFAULT_LIMIT, ...span }: TopSellersQuery): Promise<TopSellerResponse[]> {
    return (await this.analysis.listTopSellers(limit, span)).map(topSellerResponseOf);
  }

  async byCategory(span: SalesQuery): Promise<CategorySalesResponse[]> {
    return (await this.analysis.sumByCategory(span)).map(categorySalesResponseOf);
  }
}
