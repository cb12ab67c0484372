import { createServer } from 'node:http';
import Sqlite from 'better-sqlite3';

/**
 * The floor of this stack: what is left when nothing but the work itself is done. A bare HTTP server on the same SQLite
 * file that looks up a remembered token, reads the user's row, runs one prepared statement, and writes JSON. No router, no
 * validation, no log, no headers but the needed ones, no error responses. Its bodies are those of the program, byte by byte.
 *
 *   node bench/floor.js FILE TOKEN USER_ID
 */
const [file = '', token = '', userId = ''] = process.argv.slice(2);
const database = new Sqlite(file, { timeout: 5_000 });
database.pragma('journal_mode = WAL');
database.pragma('synchronous = FULL');
const userIds = new Map([[`Bearer ${token}`, Number(userId)]]);

const user = database.prepare('select * from users where id = ? and not is_deleted');
const items = database.prepare('select * from items order by name_key, id');
const itemsOfCategory = database.prepare('select * from items where category_id = ? order by name_key, id');
const item = database.prepare('select * from items where id = ?');
const found = database.prepare(`
  select * from items where id in (select rowid from item_names where search_key glob ?) order by name_key, id`);
const categories = database.prepare('select * from categories order by sort_order, name_key, id');
const stockEntry = database.prepare('select * from stock_entries where item_id = ?');
const countStock = database.prepare(`
  update stock_entries set quantity = ?, updated_by = ?, updated_at = ? where item_id = ? returning *`);
const stockByCategory = database.prepare(`
  select category.id as category_id, category.name as category_name, entry.id as stock_entry_id,
    item.id as item_id, item.name as item_name, item.description, item.sku, item.barcode, item.image_url, item.unit_type,
    item.unit_price, item.tax_rate, item.discount_rate, entry.quantity
  from stock_entries entry
  join items item on item.id = entry.item_id
  join categories category on category.id = item.category_id
  order by category.name_key, category.id, item.name_key, item.id`);

/** @typedef {Record<string, string | number>} Row */

const server = createServer((request, response) => {
  const id = userIds.get(request.headers.authorization ?? '');
  const caller = /** @type {Row | undefined} */ (user.get(id));
  if (!caller?.is_active) {
    response.writeHead(401).end();
    return;
  }
  if (request.method === 'GET') {
    send(response, read(String(request.url)));
    return;
  }
  /** @type {Buffer[]} */
  const chunks = [];
  request.on('data', (/** @type {Buffer} */ chunk) => chunks.push(chunk));
  request.on('end', () => {
    const body = /** @type {unknown} */ (JSON.parse(Buffer.concat(chunks).toString()));
    const { quantity } = /** @type {{ quantity: number }} */ (body);
    const itemId = Number(String(request.url).slice('/api/v1/stock/'.length));
    const row = countStock.get(Math.round(quantity * 1000), caller.id, new Date().toISOString(), itemId);
    send(response, stockEntryOf(/** @type {Row} */ (row)));
  });
});
server.listen(0, '127.0.0.1', () => {
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
  console.log(`The floor is ready at http://127.0.0.1:${port}`);
});

/**
 * @param {import('node:http').ServerResponse} response
 * @param {unknown} body
 */
function send(response, body) {
  const json = JSON.stringify(body);
  response
    .writeHead(200, {
      'Content-Type': 'application/json; charset=utf-8',
      'Content-Length': Buffer.byteLength(json),
    })
    .end(json);
}

/** @param {string} url */
function read(url) {
  const path = url.slice('/api/v1'.length);
  if (path === '/items') return rowsOf(items).map(itemOf);
  if (path.startsWith('/items/search?q=')) return rowsOf(found, `*${path.slice(16)}*`).map(itemOf);
  if (path.startsWith('/items?category_id='))
    return rowsOf(itemsOfCategory, Number(path.slice(19))).map(itemOf);
  if (path.startsWith('/items/')) return itemOf(/** @type {Row} */ (item.get(Number(path.slice(7)))));
  if (path === '/categories') return rowsOf(categories).map(categoryOf);
  if (path === '/stock/by-category') return stockByCategoryOf(rowsOf(stockByCategory));
  return stockEntryOf(/** @type {Row} */ (stockEntry.get(Number(path.slice(7)))));
}

/**
 * @param {import('better-sqlite3').Statement} statement
 * @param {...(string | number)} parameters
 */
function rowsOf(statement, ...parameters) {
  return /** @type {Row[]} */ (statement.all(...parameters));
}

/** @param {Row} row */
function itemOf(row) {
  return {
    id: row.id,
    category_id: row.category_id,
    name: row.name,
    description: row.description,
    sku: row.sku,
    barcode: row.barcode,
    image_url: row.image_url,
    unit_price: Number(row.unit_price) / 100,
    unit_type: row.unit_type,
    tax_rate: Number(row.tax_rate) / 100,
    discount_rate: Number(row.discount_rate) / 100,
    low_stock_threshold: row.low_stock_threshold && Number(row.low_stock_threshold) / 1000,
    reorder_quantity: row.reorder_quantity && Number(row.reorder_quantity) / 1000,
    created_by: row.created_by,
    updated_by: row.updated_by,
    created_at: row.created_at,
    updated_at: row.updated_at,
    unit_cost: row.unit_cost && Number(row.unit_cost) / 10_000,
  };
}

/** @param {Row} row */
function categoryOf(row) {
  const { id, name, description, sort_order, created_by, updated_by, created_at, updated_at } = row;
  return { id, name, description, sort_order, created_by, updated_by, created_at, updated_at };
}

/** @param {Row} row */
function stockEntryOf(row) {
  const { id, item_id, quantity, created_by, updated_by, created_at, updated_at } = row;
  return { id, item_id, quantity: Number(quantity) / 1000, created_by, updated_by, created_at, updated_at };
}

/** @param {Row[]} rows */
function stockByCategoryOf(rows) {
  /** @type {{ category_id: unknown, category_name: unknown, items: object[] }[]} */
  const groups = [];
  for (const row of rows) {
    const { category_id, category_name } = row;
    if (groups.at(-1)?.category_id !== category_id) groups.push({ category_id, category_name, items: [] });
    groups.at(-1)?.items.push({
      stock_entry_id: row.stock_entry_id,
      item_id: row.item_id,
      category_id,
      item_name: row.item_name,
      description: row.description,
      sku: row.sku,
      barcode: row.barcode,
      image_url: row.image_url,
      unit_type: row.unit_type,
      unit_price: Number(row.unit_price) / 100,
      tax_rate: Number(row.tax_rate) / 100,
      discount_rate: Number(row.discount_rate) / 100,
      quantity: Number(row.quantity) / 1000,
    });
  }
  return groups;
}
