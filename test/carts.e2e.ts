import { Role } from '../src/platform/authorization/role.js';
import type { CartItemResponse } from '../src/carts/dto/cart-item-response.dto.js';
import type { CartResponse } from '../src/carts/dto/cart-response.dto.js';
import type { CartSummaryResponse } from '../src/carts/dto/cart-summary-response.dto.js';
import type { ItemResponse } from '../src/items/dto/item-response.dto.js';
import { createItem, createStock, userIdOf } from './support/catalogue.js';
import type { Client } from './support/client.js';
import { Shop } from './support/shop.js';

describe('Carts', () => {
  let shop: Shop;
  let employee: Client;
  let owner: Client;

  beforeAll(async () => {
    shop = await Shop.open();
    employee = shop.as(Role.Employee);
    owner = shop.as(Role.MarketOwner);
  });

  afterAll(() => shop.close());

  afterEach(async () => {
    const { body } = await owner.get('/stock/ledger/verify').expect(200);
    expect(body).toMatchObject({ first_problem: null });
  });

  async function createCart(values?: object): Promise<CartResponse> {
    return (await employee.post('/carts', values).expect(201)).body;
  }

  async function createStocked(
    quantity = 10,
    values: Parameters<typeof createItem>[1] = {},
  ): Promise<ItemResponse> {
    const item = await createItem(employee, values);
    await createStock(employee, { item_id: item.id, quantity });
    return item;
  }

  async function add(cartId: number, item_id: number, quantity: number): Promise<CartItemResponse> {
    return (await employee.post(`/carts/${cartId}/items`, { item_id, quantity }).expect(201)).body;
  }

  async function summaryOf(id: number): Promise<CartSummaryResponse> {
    return (await employee.get(`/carts/${id}`).expect(200)).body;
  }

  async function stockOf(itemId: number): Promise<number> {
    return (await employee.get(`/stock/${itemId}`).expect(200)).body.quantity;
  }

  it('sell what the real web client puts in them, as it does', async () => {
    const apples = await createStocked(10, {
      name: 'Apples',
      unit_price: 3.99,
      tax_rate: 10,
      discount_rate: 5,
    });
    const tea = await createStocked(5, { name: 'Tea', unit_price: 2.5 });
    const cart = await createCart();
    expect(cart).toMatchObject({
      desk_number: null,
      status: 'draft',
      account_date: null,
      completed_at: null,
    });
    const line = await add(cart.id, apples.id, 1);
    const { body: refused } = await employee
      .post(`/carts/${cart.id}/items`, { item_id: apples.id, quantity: 1 })
      .expect(409);
    expect(refused).toMatchObject({ code: 'already_in_cart', cart_item_id: line.id });
    await employee.patch(`/carts/${cart.id}/items/${line.id}`, { quantity: 2 }).expect(200);
    await employee.patch(`/carts/${cart.id}/items/${line.id}`, { quantity: 3 }).expect(200);
    await employee.patch(`/carts/${cart.id}/items/${line.id}`, { quantity: 2.5 }).expect(200);
    const other = await add(cart.id, tea.id, 1);
    await employee.patch(`/carts/${cart.id}/items/${other.id}`, { quantity: 0 }).expect(204);
    expect([await stockOf(apples.id), await stockOf(tea.id)]).toEqual([7.5, 5]);
    const { cart: shown, ...summary } = await summaryOf(cart.id);
    expect(shown).toMatchObject({ id: cart.id, status: 'draft' });
    expect(summary).toEqual({
      items: [
        {
          id: line.id,
          item_id: apples.id,
          name: 'Apples',
          sku: null,
          unit_price: 3.99,
          quantity: 2.5,
          discount_rate: 5,
          tax_rate: 10,
          line_subtotal: 9.98,
          line_discount: 0.5,
          line_tax: 0.95,
          line_total: 10.43,
        },
      ],
      totals: { subtotal: 9.98, discount_total: 0.5, tax_total: 0.95, total: 10.43 },
      payments: [],
      refunds: [],
    });
    const { body: completed } = await employee.post(`/carts/${cart.id}/complete`).expect(200);
    expect(completed).toMatchObject({ status: 'completed', account_date: expect.stringMatching(/^\d{4}-/) });
    expect(await summaryOf(cart.id)).toEqual({
      cart: completed,
      ...summary,
      payments: [{ method: 'unspecified', amount: 10.43 }],
    });
    expect((await employee.post(`/carts/${cart.id}/complete/`).expect(200)).body).toEqual(completed);

    const next = await createCart({});
    await add(next.id, apples.id, 1);
    await add(next.id, tea.id, 2);
    await employee.delete(`/carts/${next.id}/items`).expect(204);
    await add(next.id, tea.id, 2);
    const { body: deleted } = await employee.post(`/carts/${next.id}/delete`).expect(200);
    expect(deleted).toMatchObject({ status: 'deleted', updated_by: await userIdOf(employee) });
    expect([await stockOf(apples.id), await stockOf(tea.id)]).toEqual([7.5, 5]);
  });

  it('refund', async () => {
    const apples = await createStocked(10, {
      name: 'Apples',
      unit_price: 3.99,
      tax_rate: 10,
      discount_rate: 5,
    });
    const { body: cart } = await employee
      .post('/carts', {
        items: [{ item_id: apples.id, quantity: 2.5 }],
        complete: true,
        payments: [{ method: 'cash', amount: 10.43 }],
      })
      .expect(201);
    const [line] = (await summaryOf(cart.id)).items;
    const lines = [
      { cart_item_id: line?.id, quantity: 1, restock: true },
      { cart_item_id: line?.id, quantity: 0.5 },
    ];
    const { body } = await employee
      .post(`/carts/${cart.id}/refunds`, { lines, reason: 'Bruised' })
      .expect(201);
    expect(body).toMatchObject({ amount: 6.26, lines: [{ amount: 4.17 }, { amount: 2.09 }] });
    expect((await summaryOf(cart.id)).refunds).toEqual([body]);
    expect(await stockOf(apples.id)).toBe(8.5);
  });
});
