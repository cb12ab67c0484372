import {
  SHOP_OF_100000,
  SHOP_OF_10000,
  SHOP_OF_1000,
  SMALL_SHOP,
  SMALL_SHOP_ON_POSTGRES,
} from './databases.js';
import { measureAddedLines, measureCompletions } from './measurements/carts.js';
import { measureWholeList } from './measurements/whole-lists.js';
import {
  FORGOTTEN_LISTS,
  ITEM,
  LIST,
  PATCH_ALL_STOCK,
  PATCH_STOCK,
  POST_MOVEMENTS,
  READS,
  SEARCH,
  STOCK_BY_CATEGORY,
} from './requests.js';
import {
  besideFloor,
  besideMovement,
  bySize,
  dayClose,
  cartBesideFloor,
  duringLogins,
  logins,
  pause,
  start,
  stocktake,
  unchanged,
  withLedger,
} from './scenario-kinds.js';

/**
 * Everything that `npm run bench` measures, in the order in which it is printed.
 *
 * @type {import('./runner.js').Group[]}
 */
export const GROUPS = [
  {
    title: 'Beside the floor',
    scenarios: [
      besideFloor('list of 32', [LIST]),
      besideFloor('one item', [ITEM]),
      besideFloor('search', [SEARCH]),
      besideFloor('stock by category', [STOCK_BY_CATEGORY]),
      besideFloor('PATCH stock', [PATCH_STOCK]),
      besideFloor('shop day, 90 % reads', [...READS, PATCH_STOCK]),
    ],
  },
  {
    title: 'Unchanged since it was read',
    scenarios: [
      unchanged('list of 32 unchanged', [LIST], SMALL_SHOP),
      unchanged('list of 32 unchanged, not remembered', FORGOTTEN_LISTS, SMALL_SHOP),
      unchanged('one item unchanged', [ITEM], SMALL_SHOP),
      unchanged('list of 1,000 unchanged', [LIST], SHOP_OF_1000),
    ],
  },
  {
    title: 'With the ledger',
    scenarios: [
      withLedger('count stock, SQLite', PATCH_ALL_STOCK, SMALL_SHOP),
      withLedger('record a movement, SQLite', POST_MOVEMENTS, SMALL_SHOP),
      withLedger('count stock, PostgreSQL', PATCH_ALL_STOCK, SMALL_SHOP_ON_POSTGRES),
      withLedger('record a movement, PostgreSQL', POST_MOVEMENTS, SMALL_SHOP_ON_POSTGRES),
    ],
  },
  {
    title: 'Carts',
    scenarios: [
      besideMovement('add a line to a cart, SQLite', measureAddedLines, SMALL_SHOP),
      besideMovement('complete a cart of 10 lines, SQLite', measureCompletions(10), SMALL_SHOP),
      cartBesideFloor('cart of 20 lines, beside the list of 32', 20),
      besideMovement('add a line to a cart, PostgreSQL', measureAddedLines, SMALL_SHOP_ON_POSTGRES),
      besideMovement(
        'complete a cart of 10 lines, PostgreSQL',
        measureCompletions(10),
        SMALL_SHOP_ON_POSTGRES,
      ),
    ],
  },
  {
    title: 'Logging in, and reads meanwhile',
    scenarios: [
      duringLogins('reads under logins', READS),
      // As many as wait for each other when a shop opens.
      logins('logins', 4),
    ],
  },
  {
    title: 'By size of the catalogue',
    scenarios: [SHOP_OF_1000, SHOP_OF_10000, SHOP_OF_100000].flatMap((database) => [
      bySize('page of 50', { path: '/items?limit=50' }, 50, database),
      bySize('search for 50', { path: '/items/search?q=rambutan' }, 50, database),
      bySize('page of a search', { path: '/items/search?q=rambutan&limit=20' }, 20, database),
      { ...bySize('whole list', LIST, database.items, database), measure: measureWholeList },
    ]),
  },
  {
    title: 'Others, while whole lists are read',
    scenarios: [
      pause('pause by all items', LIST, 1),
      pause('pause by all items, ten at once', LIST, 10),
      pause('pause by a common search', { path: '/items/search?q=apples' }, 1),
      pause('pause by all stock', { path: '/stock' }, 1),
      pause('pause by all stock by category', STOCK_BY_CATEGORY, 1),
    ],
  },
  {
    title: 'Closing a day of 10,000 carts of 10 lines',
    scenarios: [
      dayClose('closing a day of 32 items, SQLite', SMALL_SHOP),
      dayClose('closing a day of 1,000 items, SQLite', SHOP_OF_1000),
      dayClose('closing a day of 32 items, PostgreSQL', SMALL_SHOP_ON_POSTGRES),
    ],
  },
  {
    title: 'A stocktake of 10,000 items',
    scenarios: [
      stocktake('stocktake, SQLite', SMALL_SHOP),
      stocktake('stocktake, PostgreSQL', SMALL_SHOP_ON_POSTGRES),
    ],
  },
  {
    title: 'Starting',
    scenarios: [start('start')],
  },
];
