import type { CategoryResponse } from '../../src/categories/dto/category-response.dto.js';
import type { ItemResponse } from '../../src/items/dto/item-response.dto.js';
import type { StockEntryResponse } from '../../src/stock/dto/stock-entry-response.dto.js';
import type { Client } from './client.js';

let count = 0;

/** A category with a name of its own. */
export async function createCategory(client: Client, values: object = {}): Promise<CategoryResponse> {
  const { body } = await client.post('/categories', { name: `Category ${++count}`, ...values }).expect(201);
  return body;
}

/** An item, in a category of its own unless one is given. */
export async function createItem(
  client: Client,
  values: { category_id?: number; [field: string]: unknown } = {},
) {
  const category_id = values.category_id ?? (await createCategory(client)).id;
  const { body } = await client
    .post('/items', { name: `Item ${++count}`, unit_price: 1, ...values, category_id })
    .expect(201);
  return body as ItemResponse;
}

/** The stock entry of an item, which is made for it unless one is given. */
export async function createStock(
  client: Client,
  values: { item_id?: number; quantity?: number | string } = {},
): Promise<StockEntryResponse> {
  const item_id = values.item_id ?? (await createItem(client)).id;
  const { body } = await client.post('/stock', { quantity: 1, ...values, item_id }).expect(201);
  return body;
}

/** Who a client is logged in as. */
export async function userIdOf(client: Client): Promise<number> {
  return (await client.get('/auth/me').expect(200)).body.id;
}
