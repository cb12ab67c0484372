import { barcodeColumns } from '../items/barcode.js';
import { isGtin } from '../items/gtin.js';
import type { Item } from '../items/item.entity.js';
import type { ItemBatchesService } from '../items/item-batches.service.js';
import { FIELD_REQUIRED } from '../platform/validation/validation-issue.js';
import type { StockService } from '../stock/stock.service.js';
import { codeOf, differ, ImportCandidates, type RowKeys } from './import-candidates.js';
import type { FieldColumn } from './import-columns.js';
import { cellIssue, type ImportIssue } from './import-issues.js';
import type { ChangeableColumn, ImportPlan } from './import-plan.js';
import type { ImportedRow } from './import-row-reader.js';

/** What a new item has to have. */
const REQUIRED = ['category', 'name', 'unit_price'] as const;

/** The most zeros that are looked for in front of an SKU. */
const MAX_LOST_ZEROS = 5;

/** What Excel makes of a number with more than eleven digits. */
const ROUNDED_CODE = /^\d([.,]\d+)?E\+\d+$/i;

const ROUNDED = {
  type: 'value_error',
  msg:
    'Value error, Excel has taken the code for a number and rounded it (4.00638E+12): its last digits are lost. ' +
    'Give the column the format Text before the codes are entered, or open the file by Data > From Text/CSV with this column as Text',
};
const ZEROS_LOST = {
  type: 'value_error',
  msg:
    'Value error, Excel has taken the code for a number and cut the zeros off at its beginning. ' +
    'Give the column the format Text before the codes are entered, or open the file by Data > From Text/CSV with this column as Text',
};

/** Whether some rows of a file have no SKU, or neither an SKU nor a barcode: only then others may be the same item by less. */
export interface KeysLacking {
  sku: boolean;
  code: boolean;
}

/** Finds out what each row of a file does, in the order of the rows. */
export class ImportPlanner {
  /** The rows so far by the id of their item, and by what identifies a new one. */
  private readonly rowsOfItems = new Map<number, number>();
  private readonly rowsOfKeys = new Map<string, { row: number; sku: string | null; code: string | null }>();

  /** @param categories the ids by name */
  constructor(
    private readonly plan: ImportPlan,
    private readonly lacking: KeysLacking,
    private readonly categories: ReadonlyMap<string, number>,
    private readonly items: ItemBatchesService,
    private readonly stock: StockService,
  ) {}

  /** @param start the place of the first of the rows */
  async add(rows: ImportedRow[], start: number): Promise<void> {
    const keys = rows.map(({ values }) => this.keysOf(values));
    const candidates = await this.findCandidates(rows, keys);
    const issues: ImportIssue[] = [];
    rows.forEach((row, index) => {
      const rowKeys = keys[index] as RowKeys;
      const found = candidates.match(row, rowKeys);
      const own = isIssue(found) ? [found] : this.check(row, rowKeys, found, candidates);
      if (own.length > 0) issues.push(...own);
      else this.decide(row, found as Item | undefined, start + index);
    });
    this.plan.issues.add(issues);
    await this.compareStock(rows, start);
  }

  private keysOf({ sku = null, barcode = null, category }: ImportedRow['values']): RowKeys {
    return {
      sku,
      barcode: barcodeColumns(barcode),
      categoryId: category === undefined ? undefined : this.categories.get(category),
    };
  }

  private async findCandidates(rows: ImportedRow[], keys: RowKeys[]): Promise<ImportCandidates> {
    const skus = keys.flatMap(({ sku }) => sku ?? []);
    const bySku = await this.items.findByKeys({ skus, barcodes: [], names: [] });
    const found = new ImportCandidates(bySku);
    const rest = rows.flatMap(({ values }, index) => {
      const own = keys[index] as RowKeys;
      return found.hasSku(own.sku) ? [] : { ...own, name: values.name };
    });
    const others = await this.items.findByKeys({
      skus: rest.flatMap(({ sku }) => withLostZeros(sku)),
      barcodes: rest.flatMap(({ barcode }) => (codeOf(barcode) === null ? [] : barcode)),
      names: rest.flatMap(({ categoryId: category_id, name }) =>
        category_id === undefined || name === undefined ? [] : { category_id, name },
      ),
    });
    return new ImportCandidates([...bySku, ...others]);
  }

  /** What is wrong with a row, though each of its cells is right. */
  private check(
    { row, values }: ImportedRow,
    keys: RowKeys,
    found: Item | undefined,
    candidates: ImportCandidates,
  ): ImportIssue[] {
    const rounded = roundedCodesOf(values, keys, found);
    if (rounded.length > 0) return rounded.map((column) => cellIssue(row, column, ROUNDED));
    const cut = cutCodeOf(values, keys, found, candidates);
    if (cut) return [cellIssue(row, cut, ZEROS_LOST)];
    const missing = found ? [] : REQUIRED.filter((column) => values[column] === undefined);
    if (missing.length > 0) {
      const { type } = FIELD_REQUIRED;
      const msg = `${FIELD_REQUIRED.msg}: no item has this ${nameOfKey(values)}, and a new one needs a category, a name and a price`;
      return missing.map((column) => cellIssue(row, column, { type, msg }));
    }
    const other = this.findOther(row, values, keys, found);
    return other === undefined
      ? []
      : [
          cellIssue(row, nameOfKey(values), {
            type: 'value_error',
            msg: `Value error, row ${other} is the same item`,
          }),
        ];
  }

  /** The row before that is the same item. Otherwise the row is remembered. */
  private findOther(
    row: number,
    { category, name }: ImportedRow['values'],
    { sku, barcode }: RowKeys,
    found: Item | undefined,
  ): number | undefined {
    const code = codeOf(barcode);
    const keys = [
      ...(sku === null ? [] : [`sku ${sku}`]),
      ...(code !== null && this.lacking.sku ? [`barcode ${code}`] : []),
      ...(this.lacking.code && category !== undefined ? [`name ${category}\n${String(name)}`] : []),
    ];
    // An item that is there is found by its id. Only an SKU or a barcode that it gets may be that of another row, too.
    const isNew = (key: string) => {
      if (!found) return true;
      return key.startsWith('sku ')
        ? found.sku !== sku
        : key.startsWith('barcode ') && codeOf(found) !== code;
    };
    const own = keys.filter(isNew);
    const earlier = own
      .map((key) => this.rowsOfKeys.get(key))
      .find((one) => one && !(differ(one.sku, sku) || differ(one.code, code)))?.row;
    const bySku = sku === null ? undefined : this.rowsOfKeys.get(`sku ${sku}`)?.row;
    const other = (found && this.rowsOfItems.get(found.id)) ?? earlier ?? bySku;
    if (other !== undefined) return other;
    if (found) this.rowsOfItems.set(found.id, row);
    for (const key of own) if (!this.rowsOfKeys.has(key)) this.rowsOfKeys.set(key, { row, sku, code });
    return undefined;
  }

  private decide({ values }: ImportedRow, found: Item | undefined, place: number): void {
    const { plan } = this;
    if (values.quantity !== undefined) plan.quantities[place] = values.quantity;
    if (values.category !== undefined && !this.categories.has(values.category))
      plan.newCategories.add(values.category);
    if (found) plan.setChanges(place, found, (column) => this.isChanged(found, column, values));
    else plan.setNew(place);
  }

  private isChanged(item: Item, column: ChangeableColumn, values: ImportedRow['values']): boolean {
    if (column !== 'category') return isChanged(item, column, values[column]);
    return values.category !== undefined && this.categories.get(values.category) !== item.category_id;
  }

  private async compareStock(rows: ImportedRow[], start: number): Promise<void> {
    const { itemIds, quantities, changesStock } = this.plan;
    const places = rows.map((_, index) => start + index).filter((place) => this.plan.isCounted(place));
    const ids = places.filter((place) => !this.plan.isNew(place)).map((place) => itemIds[place] as number);
    const inStock = ids.length > 0 ? await this.stock.quantitiesOf(ids) : new Map<number, number>();
    for (const place of places) {
      changesStock[place] = Number(inStock.get(itemIds[place] as number) !== quantities[place]);
    }
  }
}

function isIssue(found: Item | ImportIssue | undefined): found is ImportIssue {
  return found !== undefined && 'msg' in found;
}

/** The key by which a row would be found first. */
function nameOfKey({ sku, barcode }: ImportedRow['values']): 'sku' | 'barcode' | 'name' {
  return sku != null ? 'sku' : barcode != null ? 'barcode' : 'name';
}

function isChanged(item: Item, column: FieldColumn, stated: ImportedRow['values'][FieldColumn]): boolean {
  if (stated === undefined) return false;
  // A spreadsheet does not tell empty text from none.
  const kept = item[column] === '' ? null : item[column];
  const value = column === 'barcode' ? barcodeColumns(stated as string | null).barcode : stated;
  return kept !== (value === '' ? null : value);
}

/** The codes of a row that a spreadsheet has rounded: those that look so, unless the item has just that one. */
function roundedCodesOf(
  { sku, barcode }: ImportedRow['values'],
  keys: RowKeys,
  found: Item | undefined,
): ('sku' | 'barcode')[] {
  const isRounded = (code: string | null | undefined, kept: string | null | undefined) =>
    code != null && kept !== code && ROUNDED_CODE.test(code);
  return [
    ...(isRounded(sku, found?.sku) ? (['sku'] as const) : []),
    ...(isRounded(barcode, found?.barcode === keys.barcode.barcode ? barcode : undefined)
      ? (['barcode'] as const)
      : []),
  ];
}

/** The code of a row from which a spreadsheet has cut the zeros at its beginning, as far as that can be known. */
function cutCodeOf(
  { sku, barcode }: ImportedRow['values'],
  keys: RowKeys,
  found: Item | undefined,
  candidates: ImportCandidates,
): 'sku' | 'barcode' | undefined {
  if (sku != null && found?.sku !== sku && withLostZeros(sku).some((one) => candidates.hasSku(one)))
    return 'sku';
  if (barcode == null || !/^[1-9]\d*$/.test(barcode) || found?.barcode === keys.barcode.barcode)
    return undefined;
  const isCut = found?.barcode?.replace(/^0+/, '') === barcode;
  return isCut || isCutGtin(barcode) ? 'barcode' : undefined;
}

/** An EAN-8, a UPC-A or an EAN-13 without its zeros: its check digit is right with them. */
function isCutGtin(digits: string): boolean {
  return (
    (digits.length === 7 && isGtin(`0${digits}`)) ||
    (/^\d{10,11}$/.test(digits) && isGtin(digits.padStart(12, '0')))
  );
}

/** How an SKU may have looked before a spreadsheet cut the zeros off at its beginning. */
function withLostZeros(sku: string | null): string[] {
  if (sku === null || !/^[1-9]\d*$/.test(sku)) return [];
  return Array.from({ length: MAX_LOST_ZEROS }, (_, zeros) => '0'.repeat(zeros + 1) + sku);
}
