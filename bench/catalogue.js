import Sqlite from 'better-sqlite3';

/** How many items the mock catalogue has. */
const MOCK_ITEMS = 32;

/** How many names have the word "Rambutan" in them, whatever the size of the catalogue. */
const RARE_ITEMS = 50;

/**
 * Fills the catalogue in an SQLite file up to so many items, each of them in stock.
 *
 * @param {string} file
 * @param {number} count
 */
export function fillUp(file, count) {
  const database = new Sqlite(file);
  const now = new Date().toISOString();
  const addItem = database.prepare(`
    insert into items (category_id, name, name_key, search_key, description, sku, barcode, unit_price, unit_type, tax_rate,
      discount_rate, created_by, updated_by, created_at, updated_at)
    values (?, ?, lower(?), lower(?), 'From the valley, picked this morning', ?, ?, ?, 'kg', 700, 0, 1, 1, ?, ?)`);
  const addStock = database.prepare(`
    insert into stock_entries (item_id, quantity, created_by, updated_by, created_at, updated_at)
    values (?, ?, 1, 1, ?, ?)`);
  database.transaction(() => {
    for (let number = MOCK_ITEMS + 1; number <= count; number++) {
      const word = number <= MOCK_ITEMS + RARE_ITEMS ? 'Rambutan' : 'Red Apples';
      const name = `${word} ${number}`;
      const sku = `BENCH-${number}`;
      const barcode = String(2_000_000_000_000 + number);
      const { lastInsertRowid } = addItem.run(
        1 + (number % 7),
        name,
        name,
        name,
        sku,
        barcode,
        number % 5000,
        now,
        now,
      );
      addStock.run(lastInsertRowid, 1000 * (number % 100), now, now);
    }
  })();
  database.exec('analyze');
  database.close();
}
