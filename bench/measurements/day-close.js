import { setTimeout as sleep } from 'node:timers/promises';
import { MOCK_ITEMS, sellDay } from '../sold-day.js';
import { residentMegabytesOf } from '../usage.js';
import { longestWait } from './pauses.js';

/** How long the program is observed while nobody closes a day. */
const QUIET_MS = 500;

/** @type {NonNullable<import('../runner.js').Scenario['prepare']>} */
export async function sellToday(shop, { database }) {
  await sellDay(shop, database.items ?? MOCK_ITEMS);
  return {};
}

/**
 * How long it takes to close today, and the longest wait of a light read and of a sale meanwhile; without clients, while nobody
 * closes it.
 *
 * @type {import('../runner.js').Measurement}
 */
export async function measureDayClose({ program, token }, { clients = 0 }) {
  const headers = { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' };
  /** @param {string} path */
  const post = async (path) => {
    const begin = performance.now();
    const response = await fetch(`${program.url}/api/v1/daily-accounts/${path}`, { method: 'POST', headers });
    if (response.status !== 200) throw new Error(await response.text());
    await response.arrayBuffer();
    return performance.now() - begin;
  };
  let took = QUIET_MS;
  const sale = { items: [{ item_id: 1, quantity: 0.001 }], complete: true, on_shortfall: 'correct' };
  const selling = ['/api/v1/carts', 'POST', token, JSON.stringify(sale)];
  const work = async () => {
    if (clients === 0) await sleep(QUIET_MS);
    else took = await post('close');
  };
  let sell = 0;
  const read = await longestWait(program.url, async () => {
    sell = await longestWait(program.url, work, selling);
  });
  if (clients > 0) await post('open-by-date?account_date=today');
  return { took, read, sell, rss: await residentMegabytesOf(program.pid) };
}
