import type { RowVersion } from '../platform/database/row-version.js';
import { FIELD_COLUMNS } from './import-columns.js';
import type { ImportIssues } from './import-issues.js';

/** The columns of which a row may change its item's value. */
const CHANGEABLE = ['category', ...FIELD_COLUMNS] as const;

export type ChangeableColumn = (typeof CHANGEABLE)[number];

/**
 * What each row of a file does, by its place among the rows that are right. There may be very many, so each takes a few bytes of
 * memory.
 */
export class ImportPlan {
  /** 0 for an item that is not there yet. */
  readonly itemIds: Int32Array;
  /** The version of an item that is changed. */
  readonly versions: Float64Array;
  /** In thousandths of the item's unit; NaN for a row that does not count the stock. */
  readonly quantities: Float64Array;
  /** Whether a count finds another quantity than was in stock. */
  readonly changesStock: Uint8Array;
  /** The columns that are changed, one bit each. */
  private readonly changes: Uint16Array;
  /** Whether the row makes its item. */
  private readonly areNew: Uint8Array;
  /** The names of the categories that are not there yet. */
  readonly newCategories = new Set<string>();

  constructor(
    readonly rows: number,
    readonly issues: ImportIssues,
  ) {
    this.itemIds = new Int32Array(rows);
    this.versions = new Float64Array(rows);
    this.quantities = new Float64Array(rows).fill(NaN);
    this.changesStock = new Uint8Array(rows);
    this.changes = new Uint16Array(rows);
    this.areNew = new Uint8Array(rows);
  }

  get writesAnything(): boolean {
    return (
      this.areNew.some((isNew) => isNew === 1) ||
      this.changes.some((columns) => columns > 0) ||
      this.quantities.some((quantity) => quantity >= 0)
    );
  }

  setNew(place: number): void {
    this.areNew[place] = 1;
  }

  /** @param columns none for an item that stays as it is */
  setChanges(place: number, item: RowVersion, columns: (column: ChangeableColumn) => boolean): void {
    this.itemIds[place] = item.id;
    this.versions[place] = item.version;
    this.changes[place] = CHANGEABLE.reduce(
      (bits, column, index) => bits | (Number(columns(column)) << index),
      0,
    );
  }

  isNew(place: number): boolean {
    return this.areNew[place] === 1;
  }

  isChanged(place: number): boolean {
    return (this.changes[place] as number) > 0;
  }

  changedColumns(place: number): ChangeableColumn[] {
    return CHANGEABLE.filter((_, index) => ((this.changes[place] as number) >> index) & 1);
  }

  isCounted(place: number): boolean {
    return !Number.isNaN(this.quantities[place]);
  }

  /** The places of rows that meet a condition, by the ids of their items. */
  placesByItem(isMet: (place: number) => boolean): Uint32Array {
    const places = Uint32Array.from({ length: this.rows }, (_, place) => place).filter(isMet);
    return places.sort((one, other) => (this.itemIds[one] as number) - (this.itemIds[other] as number));
  }
}
