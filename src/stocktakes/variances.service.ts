import { Injectable } from '@nestjs/common';
import type { CurrentUser } from '../platform/authorization/current-user.decorator.js';
import { RowStream } from '../platform/database/row-stream.js';
import { ListStream } from '../platform/lists/list-stream.js';
import { StocktakeCountsRepository } from './stocktake-counts.repository.js';
import { StocktakesService } from './stocktakes.service.js';
import { VarianceSums } from './variance-sums.js';
import { varianceResponseOf, type StocktakeVariancesResponse } from './dto/variance-response.dto.js';
import type { StocktakeResponse } from './dto/stocktake-response.dto.js';
import type { Variance } from './stocktake-counts.repository.js';

/** What was counted beside what was expected, for owners. */
@Injectable()
export class VariancesService {
  constructor(
    private readonly stocktakes: StocktakesService,
    private readonly counts: StocktakeCountsRepository,
  ) {}

  /** @throws CodedException 404 */
  async get(id: number, actor: CurrentUser): Promise<StocktakeVariancesResponse | ListStream> {
    const found = await this.stocktakes.find(id, actor);
    const stocktake = await this.stocktakes.responseOf(found);
    const variances = await this.counts.listVariances(found);
    if (variances instanceof RowStream) {
      return ListStream.of(variances, (batches) => writeVariances(stocktake, batches));
    }
    const sums = new VarianceSums();
    return {
      stocktake,
      items: variances.map((variance) => varianceResponseOf(variance, sums.add(variance))),
      totals: sums.totals,
    };
  }
}

/** Writes the same text as JSON.stringify, with the totals at the end. */
async function* writeVariances(
  stocktake: StocktakeResponse,
  batches: AsyncIterable<Variance[]>,
): AsyncIterable<string> {
  const sums = new VarianceSums();
  let before = `{"stocktake":${JSON.stringify(stocktake)},"items":[`;
  for await (const batch of batches) {
    const items = batch.map((variance) => varianceResponseOf(variance, sums.add(variance)));
    yield before + JSON.stringify(items).slice(1, -1);
    before = ',';
  }
  yield `],"totals":${JSON.stringify(sums.totals)}}`;
}
