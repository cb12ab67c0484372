/** @typedef {import('./load.js').LoadRequest} LoadRequest */

const list = { path: '/items' };
const item = { path: '/items/7' };
const search = { path: '/items/search?q=milk' };
const byCategory = { path: '/stock/by-category' };

/** @type {LoadRequest} */
const count = { method: 'PATCH', path: '/stock/7', body: JSON.stringify({ quantity: 12.5 }) };

/** Reads that a shop's devices send all day. */
export const READS = [
  list,
  item,
  { path: '/stock/1' },
  search,
  byCategory,
  { path: '/items/12' },
  { path: '/stock/12' },
  { path: '/categories' },
  { path: '/items?category_id=1' },
];

/** What is measured beside the floor, on the catalogue of 32 items. */
export const BESIDE_FLOOR = {
  'list of 32': [list],
  'one item': [item],
  search: [search],
  'stock by category': [byCategory],
  'PATCH stock': [count],
  'shop day, 90 % reads': [...READS, count],
};

/** Different ones, as in a shop: those who write to the same row wait for each other. */
const ITEM_IDS = Array.from({ length: 32 }, (_, index) => index + 1);

/**
 * A write that the ledger knows nothing of, which others are compared with.
 *
 * @type {LoadRequest[]}
 */
export const PLAIN_WRITE = ITEM_IDS.map((id) => ({
  method: 'PATCH',
  path: `/items/${id}`,
  body: JSON.stringify({ unit_price: 3.99 }),
}));

/**
 * Writes that the ledger writes down.
 *
 * @type {Record<string, LoadRequest[]>}
 */
export const LEDGER_WRITES = {
  'count stock': ITEM_IDS.map((id) => ({ ...count, path: `/stock/${id}` })),
  'record a movement': ITEM_IDS.map((id) => ({
    method: 'POST',
    path: `/stock/${id}/movements`,
    body: JSON.stringify({ delta: 0.001, reason: 'delivery' }),
  })),
};

/** The list of 32 by more names than the program remembers lists: each answer is made anew. */
const MANY_LISTS = Array.from({ length: 2_000 }, (_, index) => ({
  path: `/items?updated_since=${new Date(index).toISOString()}`,
}));

/** What is measured with the tag of an answer, and without: on the catalogue of 32 items, and on one of 1,000. */
export const UNCHANGED = {
  'list of 32 unchanged': [list],
  'list of 32 unchanged, not remembered': MANY_LISTS,
  'one item unchanged': [item],
};
export const UNCHANGED_OF_1000 = { 'list of 1,000 unchanged': [list] };

/** What is measured on catalogues of {@link SIZES}: as many rows each time, whatever the size. */
export const BY_SIZE = {
  'page of 50': [{ path: '/items?limit=50' }],
  'search for 50': [{ path: '/items/search?q=rambutan' }],
  'page of a search': [{ path: '/items/search?q=rambutan&limit=20' }],
};

/** What has as many rows as the catalogue. */
export const BY_ROW = { 'whole list': '/items' };

export const SIZES = [1_000, 10_000, 100_000];

/** What is read whole while others wait, from the largest of {@link SIZES}. */
export const WHOLE_LISTS = {
  'pause by all items': { path: '/items', clients: 1 },
  'pause by all items, ten at once': { path: '/items', clients: 10 },
  'pause by a common search': { path: '/items/search?q=apples', clients: 1 },
  'pause by all stock': { path: '/stock', clients: 1 },
  'pause by all stock by category': { path: '/stock/by-category', clients: 1 },
};
