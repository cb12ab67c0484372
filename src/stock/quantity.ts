import { type Thousandths, thousandths } from '../platform/validation/decimal.js';

/** The largest quantity that can be in stock, in the item's unit. */
export const MAX_IN_STOCK = 1_000_000_000;

/** The same, as it is stored. */
export const MAX_THOUSANDTHS_IN_STOCK: Thousandths = thousandths(MAX_IN_STOCK * 1000);
