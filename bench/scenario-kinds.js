import {
  baselineValue,
  costToBaseline,
  cpuToBaseline,
  ratioToBaseline,
  rowCostToReference,
  value,
} from './columns.js';
import { SHOP_OF_100000, SHOP_OF_1000, SMALL_SHOP } from './databases.js';
import { measureDayClose, sellToday } from './measurements/day-close.js';
import { measureEach, readCart } from './measurements/carts.js';
import { addEntityTags, assertSameBodies, measureFloor, measureLoad } from './measurements/load.js';
import { measureLoadDuringLogins, measureLogins } from './measurements/logins.js';
import { measurePause } from './measurements/pauses.js';
import { measureStocktake, stockUp } from './measurements/stocktakes.js';
import { measureStart, stopProgram } from './measurements/start.js';
import { LIST, PATCH_PRICES, POST_MOVEMENTS } from './requests.js';

/**
 * The kinds of scenarios: how each is measured, with what it is compared, and which figures are printed.
 *
 * @typedef {import('./load.js').LoadRequest} LoadRequest
 * @typedef {import('./runner.js').Scenario} Scenario
 * @typedef {import('./shop.js').Database} Database
 */

/**
 * The program beside the floor, on the same file.
 *
 * @type {(name: string, requests: LoadRequest[]) => Scenario}
 */
export const besideFloor = (name, requests) => ({
  name,
  database: SMALL_SHOP,
  requests,
  prepare: assertSameBodies,
  measure: measureLoad,
  baseline: { measure: measureFloor },
  columns: {
    'requests/s': value('perSecond'),
    'floor requests/s': baselineValue('perSecond'),
    'ratio to floor': ratioToBaseline('perSecond'),
    'p50 ms': value('p50', 1),
    'p99 ms': value('p99', 1),
    'CPU, cores': value('cpu', 2),
    'RSS MB': value('rss'),
  },
});

/**
 * 304 beside 200: how many more requests the program handles when the client has the response already.
 *
 * @type {(name: string, requests: LoadRequest[], database: Database) => Scenario}
 */
export const unchanged = (name, requests, database) => ({
  name,
  database,
  requests,
  prepare: addEntityTags,
  measure: measureLoad,
  baseline: { requests },
  columns: {
    '304/s': value('perSecond'),
    '200/s': baselineValue('perSecond'),
    ratio: ratioToBaseline('perSecond'),
    'p99 ms': value('p99', 1),
  },
});

/**
 * What it costs to record a change of stock: beside a PATCH of an item's price, which the ledger does not record.
 *
 * @type {(name: string, requests: LoadRequest[], database: Database) => Scenario}
 */
export const withLedger = (name, requests, database) => ({
  name,
  database,
  requests,
  measure: measureLoad,
  baseline: { requests: PATCH_PRICES },
  columns: {
    'requests/s': value('perSecond'),
    'plain PATCH/s': baselineValue('perSecond'),
    'times the cost': costToBaseline,
    'times the CPU': cpuToBaseline,
    'p99 ms': value('p99', 1),
  },
});

/**
 * What a step of a sale costs: beside a movement, which is the least that selling something takes.
 *
 * @type {(name: string, measure: import('./runner.js').Measurement, database: Database) => Scenario}
 */
export const besideMovement = (name, measure, database) => ({
  name,
  database,
  requests: [],
  measure,
  baseline: { requests: POST_MOVEMENTS, measure: measureEach },
  columns: {
    'requests/s': value('perSecond'),
    'movements/s': baselineValue('perSecond'),
    'times the cost': costToBaseline,
    'times the CPU': cpuToBaseline,
    'p99 ms': value('p99', 1),
  },
});

/**
 * Reading a cart of so many lines, beside the floor's list of all items.
 *
 * @type {(name: string, lines: number) => Scenario}
 */
export const cartBesideFloor = (name, lines) => ({
  ...besideFloor(name, []),
  prepare: readCart(lines),
  baseline: { requests: [LIST], measure: measureFloor },
});

/**
 * Reads while others log in, beside the same reads while nobody does.
 *
 * @type {(name: string, requests: LoadRequest[]) => Scenario}
 */
export const duringLogins = (name, requests) => ({
  name,
  database: SMALL_SHOP,
  requests,
  measure: measureLoadDuringLogins,
  baseline: { measure: measureLoad },
  columns: {
    'requests/s': value('perSecond'),
    'p99 ms': value('p99', 1),
    'quiet p99 ms': baselineValue('p99', 1),
    'ratio to quiet p99': ratioToBaseline('p99'),
  },
});

/**
 * As many logins as there can be.
 *
 * @type {(name: string, clients: number) => Scenario}
 */
export const logins = (name, clients) => ({
  name,
  database: SMALL_SHOP,
  requests: [],
  clients,
  measure: measureLogins,
  columns: { 'requests/s': value('perSecond', 1) },
});

/**
 * The cost of a row, beside the same request to the shop of 1,000 items.
 *
 * @type {(name: string, request: LoadRequest, rows: number | undefined, database: Database) => Scenario}
 */
export const bySize = (name, request, rows, database) => {
  const nameOf = ({ items = 0 }) => `${name} of ${items.toLocaleString('en')}`;
  return {
    name: nameOf(database),
    reference: nameOf(SHOP_OF_1000),
    database,
    requests: [request],
    rows,
    measure: measureLoad,
    columns: {
      'requests/s': value('perSecond', 1),
      'cost of a row to the smallest': rowCostToReference,
      'p50 ms': value('p50', 1),
      'p99 ms': value('p99', 1),
      'RSS MB': value('rss'),
    },
  };
};

/**
 * How long a light request waits at the longest while so many clients read a whole list, and while nobody does.
 *
 * @type {(name: string, request: LoadRequest, clients: number) => Scenario}
 */
export const pause = (name, request, clients) => ({
  name,
  database: SHOP_OF_100000,
  requests: [request],
  clients,
  measure: measurePause,
  baseline: { clients: 0 },
  columns: {
    'longest wait ms': value('longest', 1),
    'quiet longest wait ms': baselineValue('longest', 1),
    'took ms': value('took'),
    'RSS MB': value('rss'),
  },
});

/**
 * How long it takes to close a day, and how long a read and a sale wait at the longest meanwhile.
 *
 * @type {(name: string, database: Database) => Scenario}
 */
export const dayClose = (name, database) => ({
  name,
  database,
  requests: [],
  clients: 1,
  prepare: sellToday,
  measure: measureDayClose,
  baseline: { clients: 0 },
  columns: {
    'took ms': value('took'),
    'longest read ms': value('read', 1),
    'quiet longest read ms': baselineValue('read', 1),
    'longest sale ms': value('sell', 1),
    'quiet longest sale ms': baselineValue('sell', 1),
    'RSS MB': value('rss'),
  },
});

/**
 * How long it takes to begin and to approve a stocktake, and how long a read and a sale wait at the longest meanwhile.
 *
 * @type {(name: string, database: Database) => Scenario}
 */
export const stocktake = (name, database) => ({
  name,
  database,
  requests: [],
  clients: 1,
  prepare: stockUp,
  measure: measureStocktake,
  baseline: { clients: 0 },
  columns: {
    'begun ms': value('begin'),
    'longest sale ms, begin': value('beginSell', 1),
    'variances ms': value('variances'),
    'longest read ms, variances': value('variancesRead', 1),
    'approved ms': value('took'),
    'longest read ms': value('read', 1),
    'quiet longest read ms': baselineValue('read', 1),
    'longest sale ms': value('sell', 1),
    'quiet longest sale ms': baselineValue('sell', 1),
    'RSS MB': value('rss'),
  },
});

/**
 * A start of the program on an existing database.
 *
 * @type {(name: string) => Scenario}
 */
export const start = (name) => ({
  name,
  database: SMALL_SHOP,
  requests: [],
  prepare: stopProgram,
  measure: measureStart,
  columns: {
    'first answer ms': value('milliseconds'),
    'CPU ms': value('cpu'),
    'RSS idle MB': value('rss'),
  },
});
