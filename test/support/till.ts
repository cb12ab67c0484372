import type { CartItemResponse } from '../../src/carts/dto/cart-item-response.dto.js';
import type { CreatedCartResponse } from '../../src/carts/dto/cart-response.dto.js';
import type { CartSummaryResponse } from '../../src/carts/dto/cart-summary-response.dto.js';
import type { ItemResponse } from '../../src/items/dto/item-response.dto.js';
import { createItem, createStock } from './catalogue.js';
import type { Client } from './client.js';

/** Sells, as somebody. */
export class Till {
  constructor(readonly client: Client) {}

  /** An item with so much in stock. */
  async stock(quantity = 10, values: Record<string, unknown> = {}): Promise<ItemResponse> {
    const item = await createItem(this.client, values);
    await createStock(this.client, { item_id: item.id, quantity });
    return item;
  }

  async open(values?: object): Promise<CreatedCartResponse> {
    return (await this.client.post('/carts', values).expect(201)).body;
  }

  async add(cartId: number, item_id: number, quantity: number): Promise<CartItemResponse> {
    return (await this.client.post(`/carts/${cartId}/items`, { item_id, quantity }).expect(201)).body;
  }

  /** A draft with some items in it, and its lines. */
  async fill(
    ...items: [itemId: number, quantity: number][]
  ): Promise<{ id: number; lines: CartItemResponse[] }> {
    const { id } = await this.open();
    const lines: CartItemResponse[] = [];
    for (const [itemId, quantity] of items) lines.push(await this.add(id, itemId, quantity));
    return { id, lines };
  }

  /** A completed cart with some items in it, and its lines. */
  async sell(
    ...items: [itemId: number, quantity: number][]
  ): Promise<{ id: number; lines: CartItemResponse[] }> {
    const cart = await this.fill(...items);
    await this.client.post(`/carts/${cart.id}/complete`).expect(200);
    return cart;
  }

  async summaryOf(cartId: number): Promise<CartSummaryResponse> {
    return (await this.client.get(`/carts/${cartId}`).expect(200)).body;
  }

  async stockOf(itemId: number): Promise<number> {
    return (await this.client.get(`/stock/${itemId}`).expect(200)).body.quantity;
  }

  /** The movements of an item, the first one first. */
  async movementsOf(itemId: number): Promise<Record<string, unknown>[]> {
    return (await this.client.get(`/stock/${itemId}/movements?sort=id`).expect(200)).body;
  }
}
