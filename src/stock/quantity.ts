/** The most of an item that can be in stock, in its unit. */
export const MAX_IN_STOCK = 1_000_000_000;

/** The same in thousandths, as the database keeps it. */
export const MAX_THOUSANDTHS_IN_STOCK = MAX_IN_STOCK * 1000;
