import { openDatabase } from './statements.js';

/** How many items the mock catalogue has. */
const MOCK_ITEMS = 32;

/** How many names have the word "Rambutan" in them, whatever the size of the catalogue. */
const RARE_ITEMS = 50;

const SECONDS_OF_A_YEAR = 365 * 24 * 60 * 60;

/**
 * Fills the catalogue up to so many items, each of them in stock.
 *
 * @param {string} databaseUrl
 * @param {number} items
 * @param {number} [movements] how many the items that are added have had in the last year, in all; they have no hashes
 */
export async function fillUp(databaseUrl, items, movements = 0) {
  const { run, timeOf, close } = await openDatabase(databaseUrl);
  const seconds = Math.floor(Date.now() / 1000);
  const now = timeOf(`${seconds}`);
  const added = items - MOCK_ITEMS;
  const name = `case when n <= ${MOCK_ITEMS + RARE_ITEMS} then 'Rambutan ' else 'Red Apples ' end || n`;
  await run(`
    insert into items (category_id, name, name_key, search_key, description, sku, barcode, unit_price, unit_type, tax_rate,
      discount_rate, low_stock_threshold, created_by, updated_by, created_at, updated_at)
    with recursive numbers (n) as (select ${MOCK_ITEMS} + 1 union all select n + 1 from numbers where n < ${items})
    select 1 + n % 7, ${name}, lower(${name}), lower(${name}), 'From the valley, picked this morning', 'BENCH-' || n,
      cast(2000000000000 + n as varchar(20)), n % 5000, 'kg', 700, 0, case when n % 1000 = 0 then 100000 end, 1, 1, ${now}, ${now}
    from numbers`);
  await run(`
    insert into stock_entries (item_id, quantity, created_by, updated_by, created_at, updated_at)
    select id, 1000 * (id % 100), 1, 1, ${now}, ${now} from items
    where id not in (select item_id from stock_entries) order by id`);
  if (movements > 0) await addMovements();
  // As PostgreSQL does by itself after a while.
  await run('analyze');
  await close();

  /** The first of each item is that it was put in stock; then what is sold is delivered again, and sold at last. */
  async function addMovements() {
    const total = 2 * Math.round(movements / added / 2) * added;
    const first = seconds - SECONDS_OF_A_YEAR;
    const occurred = timeOf(`${first} + cast(n * ${SECONDS_OF_A_YEAR / total} as integer)`);
    const kind = `case when n < ${added} then 0 else 1 + (n / ${added}) % 2 end`;
    await run(`
      insert into stock_movements (item_id, stock_entry_id, item_name, sku, delta, quantity_before, quantity_after, reason,
        occurred_at, recorded_at, created_by, hash, unit_price)
      with recursive numbers (n) as (select 0 union all select n + 1 from numbers where n + 1 < ${total}),
      kinds (n, kind, time) as (select n, ${kind}, ${occurred} from numbers)
      select item.id, entry.id, item.name, item.sku,
        case kind when 0 then entry.quantity + 1000 when 1 then 1000 else -1000 end,
        case kind when 0 then 0 when 1 then entry.quantity else entry.quantity + 1000 end,
        case kind when 1 then entry.quantity + 1000 when 2 then entry.quantity else entry.quantity + 1000 end,
        case kind when 0 then 'initial' when 1 then 'delivery' else 'sale' end,
        time, time, 1, '', item.unit_price
      from kinds
      join items item on item.id = ${MOCK_ITEMS} + 1 + n % ${added}
      join stock_entries entry on entry.item_id = item.id
      order by n`);
  }
}
