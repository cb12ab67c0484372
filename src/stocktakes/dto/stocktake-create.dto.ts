import type { Examples } from '../../platform/docs/examples.js';
import { Check } from '../../platform/validation/field.js';
import { IdField, IdListField, TextField, TimestampField } from '../../platform/validation/fields.js';

const MAX_ITEMS = 10_000;
const MAX_ASSIGNEES = 100;

const OPTIONAL = { optional: true, nullable: true };

/** What is counted: all that is in stock, unless a category or some items are chosen. */
export class StocktakeCreate {
  /**
   * What it is called.
   * @example "Sunday count"
   */
  @TextField({ min: 1, max: 100 })
  name!: string;

  /**
   * Counts only the items of this category that are in stock.
   * @example 1
   */
  @IdField({ ...OPTIONAL })
  category_id?: number | null;

  /**
   * Counts only these items, which have to be in stock. In place of `category_id`.
   * @example [1, 2, 3]
   */
  @ChosenItems()
  @IdListField({ min: 1, max: MAX_ITEMS, optional: true, nullAsMissing: true })
  item_ids?: number[];

  /**
   * The ids of the users who count, who have to be active.
   * @example [1]
   */
  @IdListField({ min: 1, max: MAX_ASSIGNEES })
  assigned_to!: number[];

  /**
   * When it has to be done.
   * @example "2026-03-01T16:00:00Z"
   */
  @TimestampField(OPTIONAL)
  due_at?: string | null;
}

function ChosenItems(): PropertyDecorator {
  return Check<unknown, StocktakeCreate>(
    'value_error',
    (_, { category_id }) => category_id == null,
    'Value error, category_id and item_ids exclude each other',
  );
}

export const STOCKTAKE_CREATE_EXAMPLES: Examples<StocktakeCreate> = {
  shop: { summary: 'All that is in stock', value: { name: 'Year-end count', assigned_to: [1] } },
  category: {
    summary: 'One category',
    value: { name: 'Fresh produce', category_id: 1, assigned_to: [1], due_at: '2026-03-01T16:00:00Z' },
  },
  items: { summary: 'Some items', value: { name: 'Expensive ones', item_ids: [1, 2, 3], assigned_to: [1] } },
};
