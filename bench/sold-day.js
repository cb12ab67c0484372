import { openDatabase } from './statements.js';

/** Sold through the API, so that prices and hashes are the program's; the other carts are copies of these. */
const SOLD = 500;
const LINES = 10;

export const MOCK_ITEMS = 32;

/** How many carts the day has in all. */
export const CARTS = 10_000;

/**
 * Sells so many carts of 10 lines today, of all items by turns.
 *
 * @param {import('./shop.js').Shop} shop
 * @param {number} items how many items the shop has
 */
export async function sellDay({ program, token, databaseUrl }, items) {
  const itemIds = Array.from({ length: items }, (_, index) => index + 1).filter(hasEnough);
  for (let cart = 0; cart < SOLD; cart++) {
    const lines = Array.from({ length: LINES }, (_, index) => ({
      item_id: itemIds[(cart * LINES + index) % itemIds.length],
      quantity: 1 + (index % 3),
    }));
    const response = await fetch(`${program.url}/api/v1/carts`, {
      method: 'POST',
      headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' },
      body: JSON.stringify({ items: lines, complete: true, on_shortfall: 'correct' }),
    });
    if (response.status !== 201) throw new Error(await response.text());
  }
  await multiply(databaseUrl, CARTS / SOLD - 1);
}

/**
 * The mock catalogue has movements, which can be corrected; `fillUp` gives an item the last two digits of its id.
 *
 * @param {number} itemId
 */
function hasEnough(itemId) {
  return itemId <= MOCK_ITEMS || itemId % 100 >= 20;
}

/**
 * Copies all carts, with all that belongs to them.
 *
 * @param {string} databaseUrl
 * @param {number} times
 */
async function multiply(databaseUrl, times) {
  const { run, close } = await openDatabase(databaseUrl);
  /** @type {[table: string, foreignKey: string, columns: string][]} */
  const tables = [
    [
      'carts',
      '',
      `desk_number, status, account_date, completed_at, prices_include_tax, subtotal, discount_total, tax_total, total, hash,
       adopted_at, created_by, updated_by, created_at, updated_at`,
    ],
    [
      'cart_items',
      'cart_id',
      `item_id, quantity, name, sku, unit_price, unit_cost, discount_rate, tax_rate, line_subtotal, line_discount, line_tax,
       line_total, refunded_quantity, created_by, updated_by, created_at, updated_at`,
    ],
    ['cart_payments', 'cart_id', 'method, amount'],
  ];
  for (const [table, foreignKey, columns] of tables) {
    const key = foreignKey ? `${foreignKey}, ` : '';
    const keyOfCopy = foreignKey ? `${foreignKey} + number * ${SOLD}, ` : '';
    await run(`
      with recursive copies (number) as (select 1 union all select number + 1 from copies where number < ${times})
      insert into ${table} (id, ${key}${columns})
      select id + number * (select max(id) from ${table}), ${keyOfCopy}${columns} from copies, ${table}`);
  }
  // As PostgreSQL does by itself after a while.
  await run('analyze');
  await close();
}
