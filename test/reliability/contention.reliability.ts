import { Role } from '../../src/platform/authorization/role.js';
import { Database } from '../../src/platform/database/database.js';
import type { MovementResponse } from '../../src/stock/dto/movement-response.dto.js';
import { createCategory, createItem, createStock } from '../support/catalogue.js';
import { race } from '../support/race.js';
import { Shop } from '../support/shop.js';

const [CLIENTS_OF_THE_LAST_UNIT, TIMES] = [200, 50];
const [CLIENTS, OPERATIONS, ITEMS] = [32, 10_000, 24];

interface Answer<Body> {
  status: number;
  body: Body;
}

describe('Many who change the stock at once', () => {
  let shop: Shop;
  let headers: Record<string, string>;

  beforeAll(async () => {
    shop = await Shop.open();
    headers = {
      Authorization: `Bearer ${shop.as(Role.Employee).accessToken}`,
      'Content-Type': 'application/json',
    };
  });

  afterAll(() => shop.close());

  /** Over connections that are kept open, as hundreds of devices do. */
  async function send<Body>(method: string, path: string, body?: object): Promise<Answer<Body>> {
    const response = await fetch(`${shop.url}/api/v1${path}`, {
      method,
      headers: body ? headers : { Authorization: headers.Authorization ?? '' },
      body: body && JSON.stringify(body),
    });
    const text = await response.text();
    return { status: response.status, body: JSON.parse(text || 'null') as Body };
  }

  it(`sell the last unit once: ${CLIENTS_OF_THE_LAST_UNIT} clients, ${TIMES} times`, async () => {
    const { item_id } = await createStock(shop.as(Role.Employee), { quantity: 0 });
    for (let time = 0; time < TIMES; time++) {
      await send('POST', `/stock/${item_id}/movements`, { delta: 1, reason: 'delivery' });
      const sales = await race(
        shop.app,
        Array.from({ length: CLIENTS_OF_THE_LAST_UNIT }, () =>
          send('POST', `/stock/${item_id}/movements`, { delta: -1, reason: 'sale' }),
        ),
      );
      const sold = sales.filter(({ status }) => status === 201);
      const refused = sales.filter(({ status }) => status === 409);
      expect([sold.length, refused.length]).toEqual([1, CLIENTS_OF_THE_LAST_UNIT - 1]);
      for (const { body } of refused) {
        expect(body).toEqual({
          detail: 'There is not enough in stock: 0',
          code: 'insufficient_stock',
          available: 0,
        });
      }
      expect((await send('GET', `/stock/${item_id}`)).body).toMatchObject({ quantity: 0 });
    }
    const rows = await shop.app.get(Database).read`
      select id from stock_movements where item_id = ${item_id} and reason <> 'initial'`;
    expect(rows).toHaveLength(2 * TIMES);
  });

  it(`leave as much as their movements add up to: ${CLIENTS} clients, ${OPERATIONS} operations`, async () => {
    const { id: category_id } = await createCategory(shop.as(Role.Employee));
    const items: number[] = [];
    while (items.length < ITEMS) {
      const { id } = await createItem(shop.as(Role.Employee), { category_id });
      await createStock(shop.as(Role.Employee), { item_id: id, quantity: 5 });
      items.push(id);
    }
    const movements: number[] = [];
    const answers: Record<number, number> = {};
    let left = OPERATIONS;
    const work = async (): Promise<void> => {
      while (left-- > 0) {
        const answer = await operate(items, movements);
        answers[answer.status] = (answers[answer.status] ?? 0) + 1;
        for (const movement of [answer.body].flat()) {
          if (answer.status === 201 && movement && 'delta' in movement) movements.push(movement.id);
        }
      }
    };
    await race(shop.app, Array.from({ length: CLIENTS }, work));

    // Sold out, not in stock, in stock already, changed, made and taken out.
    expect(Object.keys(answers).sort()).toEqual(['200', '201', '204', '404', '409']);
    expect(answers[201]).toBeGreaterThan(OPERATIONS / 4);
    const database = shop.app.get(Database);
    const disagreeing = await database.read`
      select movement.item_id, sum(delta) as added_up, min(quantity_after) as least, max(entry.quantity) as in_stock
      from stock_movements movement left join stock_entries entry on entry.item_id = movement.item_id
      group by movement.item_id
      having sum(delta) <> coalesce(max(entry.quantity), 0) or min(quantity_after) < 0`;
    expect(disagreeing).toEqual([]);
    const [chained] = await database.read<{ broken: number }>`
      select count(*) as broken from (
        select quantity_before, lag(quantity_after, 1, 0) over (partition by item_id order by id) as left_before
        from stock_movements
      ) as steps where quantity_before <> left_before`;
    expect(chained?.broken).toBe(0);
    process.stdout.write(`| ${OPERATIONS} operations by ${CLIENTS} clients | ${JSON.stringify(answers)} |\n`);
  });

  /** Something that a shop does, more often what it does more often. */
  function operate(
    items: number[],
    movements: number[],
  ): Promise<Answer<MovementResponse | MovementResponse[] | null>> {
    const item = pick(items);
    const sale = () => ({ delta: -thousandths(2000), reason: 'sale' });
    const delivery = () => ({ delta: thousandths(3000), reason: 'delivery' });
    const chance = Math.random();
    if (chance < 0.35) return send('POST', `/stock/${item}/movements`, sale());
    if (chance < 0.55) return send('POST', `/stock/${item}/movements`, delivery());
    if (chance < 0.65) {
      return send('POST', `/stock/${item}/movements`, {
        counted_quantity: thousandths(5000),
        reason: 'count',
      });
    }
    if (chance < 0.75) return send('PATCH', `/stock/${item}`, { quantity: thousandths(5000) });
    if (chance < 0.85) {
      const several = Array.from({ length: 5 }, () => ({
        item_id: pick(items),
        ...(Math.random() < 0.5 ? sale() : delivery()),
      }));
      return send('POST', '/stock/movements/batch', { movements: several });
    }
    if (chance < 0.93 && movements.length > 0) {
      return send('POST', `/stock/movements/${pick(movements)}/reverse`);
    }
    if (chance < 0.94) return send('DELETE', `/stock/${item}`);
    return send('POST', '/stock', { item_id: item, quantity: thousandths(5000) });
  }
});

function pick<T>(list: T[]): T {
  return list[Math.floor(Math.random() * list.length)] as T;
}

/** A random quantity of at least one thousandth and at most `max`. */
function thousandths(max: number): number {
  return (1 + Math.floor(Math.random() * max)) / 1000;
}
