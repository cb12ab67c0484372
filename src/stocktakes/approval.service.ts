import { setImmediate as nextTurn } from 'node:timers/promises';
import {
  Injectable,
  Logger,
  type BeforeApplicationShutdown,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import type { CurrentUser } from '../platform/authorization/current-user.decorator.js';
import { Database } from '../platform/database/database.js';
import type { ErrorCode } from '../platform/errors/error-code.js';
import { CodedException } from '../platform/errors/coded.exception.js';
import { type Thousandths, thousandths } from '../platform/validation/decimal.js';
import { type ItemCount, StockMovementsService } from '../stock/stock-movements.service.js';
import type { StocktakeApprove } from './dto/stocktake-approve.dto.js';
import type { StocktakeResponse } from './dto/stocktake-response.dto.js';
import { type Stocktake, StocktakeStatus, Uncounted } from './stocktake.entity.js';
import type { StocktakeItem } from './stocktake-item.entity.js';
import { type CountOutcome, StocktakeCountsRepository } from './stocktake-counts.repository.js';
import { StocktakesRepository } from './stocktakes.repository.js';
import { StocktakesService, throwNotFound, throwNotOpen } from './stocktakes.service.js';

/**
 * How many counts one transaction records at most. The first ones record fewer: they take longer, until their code is compiled.
 */
const MAX_SLICE = 32;

/** Of the event loop, between two transactions: a request that waits for one is through before the next begins. */
const TURNS = 5;

/** How often is looked for approvals that have stopped: their process has ended, or the database was away for a moment. */
const POLL_INTERVAL_MS = 10_000;

const NOTHING: Thousandths = thousandths(0);

/**
 * Approves stocktakes. One statement decides that, once; then the counts are recorded some at a time, so that nobody waits for all
 * of them. An approval that was interrupted goes on in whatever process notices it, and when it is sent again: see
 * docs/decisions/stocktakes.md.
 */
@Injectable()
export class ApprovalService implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly logger = new Logger(ApprovalService.name);
  /** The ids of the stocktakes that this process records. */
  private readonly recording = new Set<number>();
  /** How many counts of each approved stocktake were to be recorded at the last look. */
  private left = new Map<number, number>();
  private timer: NodeJS.Timeout | undefined;
  private isStopping = false;

  constructor(
    private readonly stocktakes: StocktakesService,
    private readonly repository: StocktakesRepository,
    private readonly counts: StocktakeCountsRepository,
    private readonly movements: StockMovementsService,
    private readonly database: Database,
  ) {}

  /** Goes on with what was interrupted, while requests are served. */
  async onApplicationBootstrap(): Promise<void> {
    this.goOn(await this.repository.findApproving());
    this.timer = setInterval(() => {
      // The database is away: the next look tries again.
      this.continueStopped().catch(() => undefined);
    }, POLL_INTERVAL_MS).unref();
  }

  beforeApplicationShutdown(): void {
    this.isStopping = true;
    clearInterval(this.timer);
  }

  /** Goes on with the approvals that have come no further since it was called last, whoever has begun them. */
  async continueStopped(): Promise<void> {
    const left = new Map<number, number>();
    for (const id of await this.repository.findApproving()) {
      const stocktake = await this.repository.findById(id);
      if (stocktake) left.set(id, (await this.counts.findIdsToRecord(stocktake)).length);
    }
    const stopped = [...left].filter(([id, count]) => !this.recording.has(id) && this.left.get(id) === count);
    this.left = left;
    this.goOn(stopped.map(([id]) => id));
  }

  private goOn(ids: number[]): void {
    for (const id of ids) {
      this.record(id).catch((error: unknown) => {
        this.logger.error(`The approval of stocktake ${id} was interrupted`, error);
      });
    }
  }

  /**
   * Approves a stocktake that is open: nobody counts any more. One that is approved already stays so.
   *
   * @throws CodedException 404; 409 when it is cancelled, was approved with another choice, or nothing was counted
   */
  async claim(
    id: number,
    { uncounted = Uncounted.Keep }: StocktakeApprove,
    actor: CurrentUser,
  ): Promise<void> {
    await this.database.transaction(async () => {
      if (await this.repository.claim(id, uncounted, actor.id)) {
        const isCounted = (await this.repository.countCounted([id])).has(id);
        if (!isCounted && uncounted === Uncounted.Keep) {
          throw new CodedException(
            409,
            'nothing_counted',
            'Nothing was counted: cancel the stocktake instead',
          );
        }
        return;
      }
      const stocktake = (await this.repository.findById(id)) ?? throwNotFound();
      if (stocktake.uncounted !== uncounted) throwNotOpen(stocktake);
    });
  }

  /**
   * Records what was counted in an approved stocktake, as far as that is not done. Several may do so at once: each count is
   * recorded once.
   *
   * @returns the stocktake, which is still `approving` when the program stops meanwhile
   */
  async record(id: number): Promise<StocktakeResponse> {
    const stocktake = (await this.repository.findById(id)) ?? throwNotFound();
    if (stocktake.status !== StocktakeStatus.Approving) return this.stocktakes.responseOf(stocktake);
    this.recording.add(id);
    try {
      await this.recordAll(stocktake);
    } finally {
      this.recording.delete(id);
    }
    return this.stocktakes.responseOf((await this.repository.findById(id)) ?? throwNotFound());
  }

  private async recordAll(stocktake: Stocktake): Promise<void> {
    const rowIds = await this.counts.findIdsToRecord(stocktake);
    for (let size = 1; rowIds.length > 0 && !this.isStopping; size = Math.min(size * 2, MAX_SLICE)) {
      await this.recordSlice(stocktake, rowIds.splice(0, size));
      for (let turn = 0; turn < TURNS; turn++) await nextTurn();
    }
    if (!this.isStopping) await this.repository.end(stocktake);
  }

  private async recordSlice(stocktake: Stocktake, rowIds: number[]): Promise<void> {
    await this.database.transaction(async () => {
      // Others who record the same stocktake wait here, and find that these counts are recorded.
      const items = await this.counts.lockToRecord(rowIds);
      if (items.length === 0) return;
      const counts = items.map((item) => countOf(stocktake, item));
      const outcomes = await this.movements.recordCounts(counts, { id: stocktake.approved_by as number });
      this.counts.setOutcomes(
        items.map(({ id }, index) => outcomeOf(id, outcomes[index] as (typeof outcomes)[number])),
      );
    });
  }
}

function outcomeOf(id: number, recorded: number | ErrorCode): CountOutcome {
  return typeof recorded === 'number'
    ? { id, movement_id: recorded, refused_because: null }
    : { id, movement_id: null, refused_because: recorded };
}

/** What is to be recorded of an item. Of one that nobody counted, nothing was there when the stocktake was approved. */
function countOf(
  { id, approved_at }: Stocktake,
  { item_id, quantity, counted_at }: StocktakeItem,
): ItemCount {
  return {
    item_id,
    counted_quantity: quantity ?? NOTHING,
    occurred_at: counted_at ?? (approved_at as string),
    reference: `stocktake/${id}`,
  };
}
