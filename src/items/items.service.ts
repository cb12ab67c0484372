import { Injectable } from '@nestjs/common';
import type { CurrentUser } from '../platform/authorization/current-user.decorator.js';
import { isOwner, type Role } from '../platform/authorization/role.js';
import { CategoriesService } from '../categories/categories.service.js';
import { Versioned } from '../platform/http/versioned.js';
import { PreconditionFailedException } from '../platform/errors/precondition-failed.exception.js';
import { Table } from '../platform/csv/table.js';
import { Database } from '../platform/database/database.js';
import type { RowVersion } from '../platform/database/row-version.js';
import { CodedException } from '../platform/errors/coded.exception.js';
import { StockService } from '../stock/stock.service.js';
import { type ListResponse, toListResponse } from '../platform/lists/page.js';
import type { ItemCreate } from './dto/item-create.dto.js';
import type { ItemExportQuery } from './dto/item-export-query.dto.js';
import type { ItemListQuery } from './dto/item-list-query.dto.js';
import { type ItemResponse, itemResponseOf } from './dto/item-response.dto.js';
import type { ItemSearchQuery } from './dto/item-search-query.dto.js';
import type { ItemUpdate } from './dto/item-update.dto.js';
import { type ScannedItemResponse, scannedItemResponseOf } from './dto/scanned-item-response.dto.js';
import { type Barcode, type BarcodeKey } from './barcode.js';
import { gtinOf } from './gtin.js';
import { exportedItemOf, itemColumnsFor } from './exported-item.js';
import type { Item } from './item.entity.js';
import { ItemsRepository } from './items.repository.js';
import { quantityOnLabel } from './label-amounts.js';
import { type ScaleLabel, ScaleLabels } from './scale-label.js';
import { NEW_ITEM } from './new-item.js';
import { thousandths } from '../platform/validation/decimal.js';

const ONE_UNIT = thousandths(1000);

/** The products of the shop. The database ensures that SKUs are unique and that the category exists. */
@Injectable()
export class ItemsService {
  constructor(
    private readonly items: ItemsRepository,
    private readonly categories: CategoriesService,
    private readonly stock: StockService,
    private readonly database: Database,
    private readonly scaleLabels: ScaleLabels,
  ) {}

  /** @throws CodedException 404 when there is no such category */
  async create(item: ItemCreate, actor: Pick<CurrentUser, 'id' | 'role'>): Promise<Versioned<ItemResponse>> {
    await this.categories.get(item.category_id);
    const created = await this.items.insert({ ...NEW_ITEM, ...item }, actor.id);
    return versionedResponseOf(created, actor.role);
  }

  async list(query: ItemListQuery, role: Role): Promise<ListResponse<ItemResponse>> {
    return toListResponse(await this.items.list(query, query), (item) => itemResponseOf(item, role));
  }

  /** All items as a file. */
  async export(query: ItemExportQuery, role: Role): Promise<Table> {
    const items = await this.items.listWithCategories(query, query.sort);
    const rows = items.map((item) => exportedItemOf(item, role));
    return Table.of(rows, itemColumnsFor(role), query);
  }

  async search(query: ItemSearchQuery, role: Role): Promise<ListResponse<ItemResponse>> {
    return toListResponse(await this.items.search(query.q, query), (item) => itemResponseOf(item, role));
  }

  /**
   * Finds the item of a scanned code. An item's own barcode takes precedence over a scale label.
   *
   * @throws CodedException 404 when no item has the barcode, or it was misread
   * @throws CodedException 409 when several items have it, or when a quantity or price on the label has too many decimals
   */
  async scan({ keys, gs1, isMisread }: Barcode, role: Role): Promise<ScannedItemResponse> {
    const item = await this.findByKeys(keys);
    if (item && gs1) return scannedItemResponseOf(item, quantityOnLabel(gs1, item.unit_type), role, gs1);
    if (item) return scannedItemResponseOf(item, ONE_UNIT, role);

    const label = gs1 ? undefined : this.readScaleLabel(keys);
    if (label?.isMisread ?? isMisread) throwMisread();
    const labelled = label && (await this.findLabelled(label));
    return label && labelled ? scannedItemResponseOf(labelled, label.weight, role) : throwNotFound();
  }

  /** @throws CodedException 404 */
  async get(id: number, role: Role): Promise<Versioned<ItemResponse>> {
    return versionedResponseOf((await this.items.findById(id)) ?? throwNotFound(), role);
  }

  /**
   * @throws CodedException 404 when there is no such item, or no such category
   * @throws PreconditionFailedException when the item is in none of the expected versions
   */
  async update(
    id: number,
    changes: ItemUpdate,
    actor: CurrentUser,
    expected?: RowVersion[],
  ): Promise<Versioned<ItemResponse>> {
    if (changes.category_id !== undefined) {
      if (!(await this.items.findById(id))) throwNotFound();
      await this.categories.get(changes.category_id);
    }
    const item = await this.items.update(id, changes, actor.id, expected);
    return item ? versionedResponseOf(item, actor.role) : this.throwNotFoundOrModified(id, expected);
  }

  /**
   * Deletes an item. Its stock is removed first, so that the ledger records it.
   *
   * @throws CodedException 404, PreconditionFailedException
   */
  async delete(id: number, actor: CurrentUser, expected?: RowVersion[]): Promise<void> {
    await this.database.transaction(async () => {
      if (!(await this.items.lock(id, expected))) await this.throwNotFoundOrModified(id, expected);
      await this.stock.removeFromStock(id, actor);
      await this.items.delete(id);
    });
  }

  private async findByKeys(keys: BarcodeKey[]): Promise<Item | undefined> {
    for (const key of keys) {
      const item = assertSingle(await this.items.findByBarcode(key));
      if (item) return item;
    }
    return undefined;
  }

  private readScaleLabel(keys: BarcodeKey[]): ScaleLabel | undefined {
    const [number] = keys.flatMap((key) => ('gtin' in key ? key.gtin : []));
    return number === undefined ? undefined : this.scaleLabels.read(number);
  }

  /** A scale label names its item by the item's whole barcode, by a number that is its barcode, or by its SKU. */
  private async findLabelled({ itemGtin, itemDigits }: ScaleLabel): Promise<Item | undefined> {
    const numbers = [itemGtin, gtinOf(itemDigits)].flatMap((gtin) => (gtin === null ? [] : { gtin }));
    return (
      (await this.findByKeys(numbers)) ?? assertSingle(await this.items.findBySkus(spellingsOf(itemDigits)))
    );
  }

  /** Says why a write met no row: it is gone, or in none of the expected states. */
  private async throwNotFoundOrModified(id: number, expected: RowVersion[] | undefined): Promise<never> {
    if (expected && (await this.items.findById(id))) throw new PreconditionFailedException();
    throwNotFound();
  }
}

function versionedResponseOf(item: Item, role: Role): Versioned<ItemResponse> {
  return new Versioned(item, itemResponseOf(item, role), isOwner(role));
}

/** @throws CodedException 409 */
function assertSingle(items: Item[]): Item | undefined {
  if (items.length <= 1) return items[0];
  const ids = items.map(({ id }) => id);
  throw new CodedException(
    409,
    'ambiguous_barcode',
    `Several items have this barcode: ${ids.slice(0, -1).join(', ')} and ${ids.at(-1)}`,
  );
}

/** The number with all of its leading zeros, and with fewer. */
function spellingsOf(digits: string): string[] {
  const zeros = /^0*(?=[0-9])/.exec(digits)?.[0].length ?? 0;
  return Array.from({ length: zeros + 1 }, (_, dropped) => digits.slice(dropped));
}

function throwMisread(): never {
  throw new CodedException(
    404,
    'barcode_misread',
    'The barcode was misread: its check digit or its form is wrong',
  );
}

function throwNotFound(): never {
  throw new CodedException(404, 'item_not_found', 'Item not found');
}
