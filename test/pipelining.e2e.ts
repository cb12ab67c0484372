import { Role } from '../src/platform/authorization/role.js';
import { RawConnection } from './support/raw-connection.js';
import { Shop } from './support/shop.js';
import { until } from './support/until.js';

const COUNT = 300;

describe('Requests that come at once on one connection', () => {
  let shop: Shop;
  let connection: RawConnection;

  beforeAll(async () => {
    shop = await Shop.open();
  });

  beforeEach(async () => {
    connection = await RawConnection.to(shop.url);
  });

  afterEach(() => {
    RawConnection.closeAll();
  });

  afterAll(async () => {
    await shop.close();
  });

  const requestFor = (method: string, path: string, body = ''): string =>
    `${method} /api/v1${path} HTTP/1.1\r\nHost: shop.example\r\n` +
    `Authorization: Bearer ${shop.as(Role.Admin).accessToken}\r\n` +
    `Content-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`;

  const addCategory = (name: string): string => requestFor('POST', '/categories', JSON.stringify({ name }));

  it('happen one after the other', async () => {
    const names = Array.from({ length: COUNT }, (_, index) => `turn ${index}`);
    connection.send(names.map((name) => addCategory(name)).join('') + requestFor('GET', '/categories'));
    await until(() => connection.statuses.length > COUNT);
    expect(connection.statuses).toEqual([...names.map(() => 201), 200]);
    const created = [...connection.received.matchAll(/"id":(\d+),"name":"(turn \d+)"/g)].slice(0, COUNT);
    expect(created.map(([, , name]) => name)).toEqual(names);
    const ids = created.map(([, id]) => Number(id));
    expect(ids).toEqual([...ids].sort((one, other) => one - other));
    await until(() => names.every((name) => connection.received.split(`"${name}"`).length > 2));
  });

  it('go on when some of them fail', async () => {
    const requests = [
      requestFor('GET', '/categories/0'),
      requestFor('GET', '/nowhere'),
      addCategory('after'),
    ];
    connection.send(requests.join(''));
    await until(() => connection.statuses.length === 3);
    expect(connection.statuses).toEqual([404, 404, 201]);
  });
});
