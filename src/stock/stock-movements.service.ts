import { ConflictException, HttpException, HttpStatus, Injectable, NotFoundException } from '@nestjs/common';
import type { CurrentUser } from '../access/current-user.decorator.js';
import { fromThousandths } from '../common/decimal.js';
import { Database } from '../database/database.js';
import { showing } from '../conditional/row-states.js';
import { FactualException } from '../http/factual.exception.js';
import { ItemsService } from '../items/items.service.js';
import type { MovementListQuery } from '../ledger/dto/movement-list-query.dto.js';
import { type MovementResponse, movementResponseOf } from '../ledger/dto/movement-response.dto.js';
import { LedgerService } from '../ledger/ledger.service.js';
import type { StockMovement } from '../ledger/stock-movement.entity.js';
import { batchOrder } from './batch-order.js';
import type { BatchedMovement, MovementBatch } from './dto/movement-batch.dto.js';
import type { MovementCreate } from './dto/movement-create.dto.js';
import { refuseOld } from './occurred-at.js';
import { MOST_IN_STOCK } from './quantity.js';
import type { StockEntry } from './stock-entry.entity.js';
import { StockRepository } from './stock.repository.js';

/** What comes and goes: every movement changes the stock and is written down, both or none. */
@Injectable()
export class StockMovementsService {
  constructor(
    private readonly stock: StockRepository,
    private readonly items: ItemsService,
    private readonly ledger: LedgerService,
    private readonly database: Database,
  ) {}

  /**
   * @throws ValidationException when it happened too long ago
   * @throws NotFoundException when the item is not in stock
   * @throws FactualException 409 when there is not enough, or another quantity than expected
   */
  async record(itemId: number, movement: MovementCreate, by: CurrentUser): Promise<MovementResponse> {
    refuseOld([movement], () => []);
    return unchangingResponseOf(await this.database.transaction(() => this.move(itemId, movement, by)));
  }

  /** All or nothing. The error says which of the movements it was. */
  async recordAll({ movements }: MovementBatch, by: CurrentUser): Promise<MovementResponse[]> {
    refuseOld(movements, (index) => ['movements', index]);
    return this.database.transaction(async () => {
      const recorded: MovementResponse[] = [];
      for (const index of batchOrder(movements)) {
        const movement = movements[index] as BatchedMovement;
        recorded[index] = movementResponseOf(
          await this.move(movement.item_id, movement, by).catch((error: unknown) => {
            throw inBatch(error, index);
          }),
        );
      }
      return recorded;
    });
  }

  /**
   * Undoes a movement by another one, with the same reason, so that what is summed up by reasons comes out right.
   *
   * @throws NotFoundException when there is no such movement
   * @throws ConflictException when the item has been taken out of stock since
   * @throws FactualException 409 when there is not enough left
   * @throws ConstraintViolation when it has been undone already
   */
  async reverse(id: number, by: CurrentUser): Promise<MovementResponse> {
    return this.database.transaction(async () => {
      const [original, isReversed] = await Promise.all([this.ledger.find(id), this.ledger.isReversed(id)]);
      if (!original) throw new NotFoundException('Movement not found');
      const { item_id, stock_entry_id, reason, reference } = original;
      if (isReversed) throw new ConflictException('The movement has been reversed already');
      const delta = -original.delta;
      const [entry, head] = await this.ledger.withHead(
        item_id,
        this.stock.addQuantity(item_id, delta, by.id, { id: stock_entry_id }),
      );
      if (!entry) {
        const current = await this.stock.findByItem(item_id);
        if (current?.id !== stock_entry_id) {
          throw new ConflictException('The item has been taken out of stock since');
        }
        throw refusalOf(current, delta);
      }
      const reversal = this.ledger.record(head, {
        item_id,
        stock_entry_id,
        delta,
        quantity_after: entry.quantity,
        reason,
        reference,
        created_by: by.id,
        reverses_id: id,
      });
      return unchangingResponseOf(reversal);
    });
  }

  async list(query: MovementListQuery): Promise<MovementResponse[]> {
    return (await this.ledger.list(query, query)).answer(movementResponseOf);
  }

  /**
   * The movements of an item, which may be deleted by now.
   *
   * @throws NotFoundException when there never was such an item, or it left no trace
   */
  async listOfItem(item_id: number, query: MovementListQuery): Promise<MovementResponse[]> {
    if (!(await this.ledger.knows(item_id))) await this.items.get(item_id);
    return (await this.ledger.list({ ...query, item_id }, query)).answer(movementResponseOf);
  }

  /** @throws NotFoundException */
  async get(id: number): Promise<MovementResponse> {
    const movement = await this.ledger.find(id);
    if (!movement) throw new NotFoundException('Movement not found');
    return unchangingResponseOf(movement);
  }

  private async move(itemId: number, movement: MovementCreate, by: CurrentUser): Promise<StockMovement> {
    const { delta, counted_quantity, reason, note, reference } = movement;
    const expected = { quantity: movement.expected_quantity ?? undefined };
    const [entry, head] = await this.ledger.withHead(
      itemId,
      delta == null
        ? this.stock.setQuantity(itemId, counted_quantity as number, by.id, expected)
        : this.stock.addQuantity(itemId, delta, by.id, expected),
    );
    if (!entry) {
      const current = await this.stock.findByItem(itemId);
      if (!current) throw new NotFoundException('The item is not in stock');
      throw refusalOf(current, delta ?? 0, expected.quantity);
    }
    return this.ledger.record(head, {
      item_id: itemId,
      stock_entry_id: entry.id,
      delta: delta ?? undefined,
      quantity_after: entry.quantity,
      reason,
      note,
      reference,
      occurred_at: movement.occurred_at ?? undefined,
      created_by: by.id,
    });
  }
}

/** With its tag: a movement never changes. */
function unchangingResponseOf(movement: StockMovement): MovementResponse {
  const { id, recorded_at } = movement;
  return showing({ id, version: Date.parse(recorded_at) }, movementResponseOf(movement));
}

/** Why a stock entry could not be changed. */
function refusalOf({ quantity }: StockEntry, delta: number, expected = quantity): FactualException {
  const available = fromThousandths(quantity);
  const sentence =
    expected !== quantity
      ? `There is another quantity in stock than expected: ${available}`
      : delta < 0
        ? `There is not enough in stock: ${available}`
        : `There can't be more than ${MOST_IN_STOCK} in stock`;
  return new FactualException(HttpStatus.CONFLICT, sentence, { available });
}

function inBatch(error: unknown, index: number): unknown {
  if (!(error instanceof HttpException)) return error;
  const facts = error instanceof FactualException ? error.facts : {};
  return new FactualException(error.getStatus(), `Movement ${index}: ${error.message}`, { index, ...facts });
}
