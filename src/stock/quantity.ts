/** The largest quantity that can be in stock, in the item's unit. */
export const MAX_IN_STOCK = 1_000_000_000;

/** The same in thousandths, as it is stored. */
export const MAX_THOUSANDTHS_IN_STOCK = MAX_IN_STOCK * 1000;
