/**
 * The requests that scenarios send.
 *
 * @typedef {import('./load.js').LoadRequest} LoadRequest
 */

export const LIST = { path: '/items' };
export const ITEM = { path: '/items/7' };
export const SEARCH = { path: '/items/search?q=milk' };
export const STOCK_BY_CATEGORY = { path: '/stock/by-category' };

/** Reads that a shop's devices send all day. */
export const READS = [
  LIST,
  ITEM,
  { path: '/stock/1' },
  SEARCH,
  STOCK_BY_CATEGORY,
  { path: '/items/12' },
  { path: '/stock/12' },
  { path: '/categories' },
  { path: '/items?category_id=1' },
];

/** @type {LoadRequest} */
export const PATCH_STOCK = patch('/stock/7', { quantity: 12.5 });

/** Different ones, as in a shop: writes to the same row wait for each other. */
const ITEM_IDS = Array.from({ length: 32 }, (_, index) => index + 1);

export const PATCH_ALL_STOCK = ITEM_IDS.map((id) => patch(`/stock/${id}`, { quantity: 12.5 }));

/** Writes that the ledger does not record. */
export const PATCH_PRICES = ITEM_IDS.map((id) => patch(`/items/${id}`, { unit_price: 3.99 }));

/** @type {LoadRequest[]} */
export const POST_MOVEMENTS = ITEM_IDS.map((id) => ({
  method: 'POST',
  path: `/stock/${id}/movements`,
  body: JSON.stringify({ delta: 0.001, reason: 'delivery' }),
}));

/** What fits into a cart: each item once, and so little of it that there is always enough. */
export const LINES = ITEM_IDS.map((item_id) => ({ item_id, quantity: 0.001 }));

/**
 * A cart that is created with so many lines.
 *
 * @param {number} lines
 */
export const cartOf = (lines) => ({ items: LINES.slice(0, lines) });

/** The same list under more URLs than the program remembers lists, so that each response is created again. */
export const FORGOTTEN_LISTS = Array.from({ length: 2_000 }, (_, index) => ({
  path: `/items?updated_since=${new Date(index).toISOString()}`,
}));

/**
 * @param {string} path
 * @param {object} body
 * @returns {LoadRequest}
 */
function patch(path, body) {
  return { method: 'PATCH', path, body: JSON.stringify(body) };
}
