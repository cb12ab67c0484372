import { Injectable } from '@nestjs/common';
import type { CurrentUser } from '../platform/authorization/current-user.decorator.js';
import type { Item } from './item.entity.js';
import { type ItemChange, ItemBatchesRepository, type ItemKeys } from './item-batches.repository.js';
import type { ItemValues } from './items.repository.js';
import { NEW_ITEM } from './new-item.js';

/** A new item; what is undefined gets its default. */
export type NewItem = Pick<ItemValues, 'category_id' | 'name' | 'unit_price'> & Partial<ItemValues>;

/** Many items at once, inside a transaction of whoever calls. */
@Injectable()
export class ItemBatchesService {
  constructor(private readonly items: ItemBatchesRepository) {}

  /** The items that have one of the keys, however many. */
  findByKeys(keys: ItemKeys): Promise<Item[]> {
    return this.items.findByKeys(keys);
  }

  /**
   * @returns the ids of the items, in the same order
   * @throws ConstraintViolation, also at the end of the transaction, when an SKU is taken or a category is not there
   */
  createAll(items: NewItem[], actor: Pick<CurrentUser, 'id'>): Promise<number[]> {
    return this.items.insertAll(items.map(withDefaults), actor.id);
  }

  /**
   * Locks items until the transaction ends. To avoid deadlocks, call it before stock entries are locked, by ascending id.
   *
   * @returns the versions by id of those that are there
   */
  lockAll(ids: number[]): Promise<Map<number, number>> {
    return this.items.lockAll(ids);
  }

  /**
   * @param items all with the same fields among their changes
   * @returns how many still had the version that was expected
   * @throws ConstraintViolation when an SKU is taken or a category is not there
   */
  updateAll(items: ItemChange[], actor: Pick<CurrentUser, 'id'>): Promise<number> {
    return this.items.updateAll(items, actor.id);
  }
}

/** Always in the same order of fields, as one statement inserts several. */
function withDefaults({ category_id, name, unit_price, ...others }: NewItem): ItemValues {
  const given = Object.entries(others as Record<string, unknown>).filter(([, value]) => value !== undefined);
  return {
    category_id,
    name,
    unit_price,
    ...NEW_ITEM,
    ...(Object.fromEntries(given) as Partial<ItemValues>),
  };
}
