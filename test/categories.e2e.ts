import { Role } from '../src/access/role.js';
import { Shop } from './support/shop.js';

describe('Categories', () => {
  let shop: Shop;

  beforeAll(async () => {
    shop = await Shop.open();
  });

  afterAll(() => shop.close());

  it('creates a category with all its fields', async () => {
    const { body } = await shop
      .as(Role.Employee)
      .post('/categories', { name: '  Fresh Produce ', description: 'Fruit and vegetables' })
      .expect(201);
    expect(body).toMatchObject({ name: 'Fresh Produce', description: 'Fruit and vegetables' });
  });
});
