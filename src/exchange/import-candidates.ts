import { type BarcodeColumns } from '../items/barcode.js';
import type { Item } from '../items/item.entity.js';
import { cellIssue, type ImportIssue } from './import-issues.js';
import type { ImportedRow } from './import-row-reader.js';

/** By what a row finds its item. */
export interface RowKeys {
  sku: string | null;
  barcode: BarcodeColumns;
  /** Undefined when the row states no category, or one that is not there yet. */
  categoryId: number | undefined;
}

/** Items that rows may mean, by each of their keys. */
export class ImportCandidates {
  private readonly bySku = new Map<string, Item>();
  private readonly byCode = new Map<string, Item[]>();
  private readonly byName = new Map<string, Item[]>();

  constructor(items: Item[]) {
    for (const item of new Map(items.map((one) => [one.id, one])).values()) {
      const code = codeOf(item);
      if (item.sku !== null) this.bySku.set(item.sku, item);
      if (code !== null) this.byCode.set(code, [...(this.byCode.get(code) ?? []), item]);
      const name = nameKeyOf(item.category_id, item.name);
      this.byName.set(name, [...(this.byName.get(name) ?? []), item]);
    }
  }

  hasSku(sku: string | null): boolean {
    return sku !== null && this.bySku.has(sku);
  }

  /**
   * The item of a row: that with its SKU, else with its barcode, else with its name in its category. An item with another SKU, or
   * found by its name and with another barcode, is another item.
   *
   * @returns undefined when there is none; the issue when it may be several
   */
  match({ row, values }: ImportedRow, keys: RowKeys): Item | ImportIssue | undefined {
    const { sku, barcode, categoryId } = keys;
    const bySku = sku === null ? undefined : this.bySku.get(sku);
    if (bySku) return bySku;
    const code = codeOf(barcode);
    const byCode = code === null ? [] : (this.byCode.get(code) ?? []);
    const ofCode = byCode.filter((item) => !differ(item.sku, sku));
    if (ofCode.length > 0) return singleOf(ofCode, row, values, code, 'barcode');
    if (categoryId === undefined || values.name === undefined) return undefined;
    const byName = this.byName.get(nameKeyOf(categoryId, values.name)) ?? [];
    const ofName = byName.filter((item) => !differ(item.sku, sku) && !differ(codeOf(item), code));
    return ofName.length > 0 ? singleOf(ofName, row, values, code, 'name') : undefined;
  }
}

/** What two barcodes have in common that are the same one. */
export function codeOf({ gtin, barcode }: BarcodeColumns): string | null {
  return gtin ?? (barcode === '' ? null : barcode);
}

/** Whether both are known, and not the same. */
export function differ(one: string | null, other: string | null): boolean {
  return one !== null && other !== null && one !== other;
}

/** Of several items, the one with the row's id, else the one that has just what the row states. */
function singleOf(
  items: Item[],
  row: number,
  { id, sku = null }: ImportedRow['values'],
  code: string | null,
  column: 'barcode' | 'name',
): Item | ImportIssue {
  const exact = items.filter((item) => item.sku === sku && codeOf(item) === code);
  const [only] = items.length === 1 ? items : exact.length === 1 ? exact : [];
  const found = (items.length > 1 ? items.find((item) => item.id === id) : undefined) ?? only;
  if (found) return found;
  const ids = items.map((item) => item.id).sort((one, other) => one - other);
  const several = ids.length > 5 ? `${ids.length} items` : `items ${ids.join(', ')}`;
  const msg = `Value error, ${several} have this ${column}: give each an SKU, or state the id as well`;
  return cellIssue(row, column, { type: 'value_error', msg });
}

function nameKeyOf(categoryId: number, name: string): string {
  return `${categoryId} ${name}`;
}
