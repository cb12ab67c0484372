import { setTimeout as sleep } from 'node:timers/promises';
import { openDatabase } from '../statements.js';
import { residentMegabytesOf } from '../usage.js';
import { longestWait } from './pauses.js';

/** How many items are counted. */
export const ITEMS = 10_000;

/** As many as the API takes at once. */
const BATCH = 100;

/** How long the program is observed while nobody approves. */
const QUIET_MS = 4_000;

/** Fills the shop, and gives each item a movement. @type {NonNullable<import('../runner.js').Scenario['prepare']>} */
export async function stockUp({ program, token, databaseUrl }) {
  const { run, close } = await openDatabase(databaseUrl);
  await run(`
    insert into items (category_id, name, name_key, search_key, unit_price, unit_type, tax_rate, discount_rate, created_by, updated_by,
      created_at, updated_at)
    with recursive numbers (n) as (select 1 union all select n + 1 from numbers where n < ${ITEMS} - (select count(*) from items))
    select 1, 'Tea ' || n, 'tea ' || n, 'tea ' || n, 399, 'cup', 0, 0, 1, 1, '', '' from numbers`);
  await run(`
    insert into stock_entries (item_id, quantity, created_by, updated_by, created_at, updated_at)
    select id, 0, 1, 1, '', '' from items where id not in (select item_id from stock_entries) order by id`);
  await close();
  for (let first = 1; first <= ITEMS; first += BATCH) {
    const movements = Array.from({ length: BATCH }, (_, index) => {
      return { item_id: first + index, delta: 10, reason: 'delivery' };
    });
    await send(program, token, 'POST', '/stock/movements/batch', { movements });
  }
  return {};
}

/**
 * How long it takes to begin a stocktake of all items, to read its variances and to approve it, and the longest wait of a light read
 * and of a sale while it is approved; without clients, while nobody does.
 *
 * @type {import('../runner.js').Measurement}
 */
export async function measureStocktake({ program, token, databaseUrl }, { clients = 0 }) {
  const sale = { delta: -0.001, reason: 'sale', on_shortfall: 'correct' };
  const selling = ['/api/v1/stock/1/movements', 'POST', token, JSON.stringify(sale)];
  /** @param {() => Promise<unknown>} work */
  const observe = async (work) => {
    let took = 0;
    let sell = 0;
    const read = await longestWait(program.url, async () => {
      sell = await longestWait(
        program.url,
        async () => {
          const begin = performance.now();
          await work();
          took = performance.now() - begin;
        },
        selling,
      );
    });
    return { took, read, sell };
  };
  if (clients === 0) return observe(() => sleep(QUIET_MS));

  let stocktake = { id: 0, items_count: 0, status: '' };
  const begun = await observe(async () => {
    stocktake = await send(program, token, 'POST', '/stocktakes', { name: 'Bench', assigned_to: [1] });
  });
  if (stocktake.items_count !== ITEMS) throw new Error(`${stocktake.items_count} items are counted`);
  const { run, close } = await openDatabase(databaseUrl);
  const now = new Date().toISOString();
  await run(`
    update stocktake_items set quantity = item_id % 20 * 1000, counted_at = '${now}', counted_by = 1
    where stocktake_id = ${stocktake.id}`);
  await close();
  const variances = await observe(() => send(program, token, 'GET', `/stocktakes/${stocktake.id}/variances`));
  const approved = await observe(async () => {
    const { status } = await send(program, token, 'POST', `/stocktakes/${stocktake.id}/approve`);
    if (status !== 'approved') throw new Error(`The stocktake is ${status}`);
  });
  return {
    begin: begun.took,
    beginSell: begun.sell,
    variances: variances.took,
    variancesRead: variances.read,
    ...approved,
    rss: await residentMegabytesOf(program.pid),
  };
}

/**
 * @param {import('../program.js').Server} program
 * @param {string} token
 * @param {string} method
 * @param {string} path
 * @param {object} [body]
 * @returns {Promise<{ id: number, items_count: number, status: string }>}
 */
async function send(program, token, method, path, body) {
  const headers = { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' };
  const response = await fetch(`${program.url}/api/v1${path}`, {
    method,
    headers,
    body: body && JSON.stringify(body),
  });
  if (!response.ok) throw new Error(await response.text());
  return /** @type {any} */ (await response.json());
}
