import { Role } from '../src/platform/authorization/role.js';
import type { CategoryResponse } from '../src/categories/dto/category-response.dto.js';
import { createCategory, createItem, userIdOf } from './support/catalogue.js';
import type { Client } from './support/client.js';
import { INTEGERS_OF_NOTHING, NO_INTEGERS } from './support/path-ids.js';
import {
  MISSING,
  NO_INTEGER_IN_STRING,
  NO_STRING,
  type Issue,
  refusal,
  tooLarge,
  tooShort,
  tooSmall,
} from './support/issues.js';
import { refusedIds, refusedTexts, shown } from './support/refused-values.js';
import { Shop } from './support/shop.js';

const ISO_UTC = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/;
const NOT_FOUND = { detail: 'Category not found', code: 'category_not_found' };
const NAME_TAKEN = { detail: 'A category with this name already exists', code: 'category_name_taken' };

const REFUSED_VALUES = [
  ...refusedTexts('name', { min: 1, max: 100, nullable: false }),
  ...refusedTexts('description', { min: 0, max: 500, nullable: true }),
  ...refusedIds('sort_order'),
  refused('sort_order', -1, tooSmall(0)),
  refused('sort_order', 2 ** 31, tooLarge(2 ** 31 - 1)),
].map(([field, value, issue]): [string, string, unknown, Issue] => [field, shown(value), value, issue]);

function refused(field: string, value: unknown, issue: Issue): [string, unknown, Issue] {
  return [field, value, issue];
}

describe('Categories', () => {
  let shop: Shop;
  let employee: Client;

  beforeAll(async () => {
    shop = await Shop.open();
    employee = shop.as(Role.Employee);
  });

  afterAll(() => shop.close());

  async function listed(): Promise<CategoryResponse[]> {
    return (await employee.get('/categories').expect(200)).body;
  }

  async function expectStored(category: CategoryResponse): Promise<void> {
    expect((await employee.get(`/categories/${category.id}`).expect(200)).body).toEqual(category);
  }

  describe('creating', () => {
    it('answers the category with all its fields', async () => {
      const by = await userIdOf(employee);
      const before = new Date().toISOString();
      const { body } = await employee
        .post('/categories', { name: 'Fresh Produce', description: 'Fruit and vegetables' })
        .expect(201);
      expect(body).toEqual({
        id: expect.any(Number),
        name: 'Fresh Produce',
        description: 'Fruit and vegetables',
        sort_order: 0,
        created_by: by,
        updated_by: by,
        created_at: expect.stringMatching(ISO_UTC),
        updated_at: body.created_at,
      });
      expect(body.created_at >= before && body.created_at <= new Date().toISOString()).toBe(true);
      await expectStored(body);
    });

    it.each([
      ['left out', {}],
      ['null', { description: null }],
    ])('answers a null description when it is %s', async (_, values) => {
      expect(await createCategory(employee, values)).toMatchObject({ description: null });
    });

    it.each([
      ['spaces', ' \t Dairy\u00a0 & \u200b Eggs \n', 'Dairy & Eggs'],
      ['characters that are not seen', '\u202eCafe\u0301\u00ad \ufeffbar\u0007\ufe0f', 'Café bar'],
      ['the joiners of a script and of an emoji', 'می\u200cخواهم 👩\u200d🍳', 'می\u200cخواهم 👩\u200d🍳'],
    ])('answers the name in its one form: %s', async (_, name, kept) => {
      await expectStored(await createCategory(employee, { name }));
      expect((await listed()).map((category) => category.name)).toContain(kept);
    });

    it('answers the description with its lines, trimmed and without what is not seen', async () => {
      const description = '  Bread\u200b,\r\n\n  cake\u202e \n';
      expect(await createCategory(employee, { description })).toMatchObject({
        description: 'Bread,\r\n\n  cake',
      });
    });

    it.each(['\u200b', '\u00ad', '\u3164', '\u2800', '\u0301', '\ufe0f', ' \u200b\u0301 '])(
      'answers 422 to the name %j, of which nothing is seen',
      async (name) => {
        const { body } = await employee.post('/categories', { name }).expect(422);
        expect(body).toEqual(refusal(tooShort(1), 'body', 'name'));
      },
    );

    it('drops fields that a category does not have, or that are not for the client to set', async () => {
      const sent = { id: 4711, created_by: 4711, created_at: '1999-01-01T00:00:00Z', colour: 'green' };
      const category = await createCategory(employee, sent);
      expect(Object.keys(category).sort()).toEqual(
        [
          ...['id', 'name', 'description', 'sort_order'],
          ...['created_by', 'updated_by', 'created_at', 'updated_at'],
        ].sort(),
      );
      expect(category.id).not.toBe(sent.id);
      expect(category.created_by).toBe(await userIdOf(employee));
      expect(category.created_at).not.toBe(sent.created_at);
    });

    it.each([
      ['a name of one character', { name: 'N' }],
      ['a name of 100 characters', { name: 'n'.repeat(100) }],
      ['a name of 100 characters between spaces', { name: ` ${'m'.repeat(100)} ` }],
      ['a name of 100 characters outside the basic plane', { name: '🥕'.repeat(100) }],
      ['a name of 100 ligatures of 18 letters', { name: '\ufdfa'.repeat(100) }],
      ['a description of 500 characters', { description: 'd'.repeat(500) }],
      ['the first place', { sort_order: 0 }],
      ['the last place', { sort_order: 2 ** 31 - 1 }],
    ])('takes %s', async (_, values) => {
      const category = await createCategory(employee, values);
      expect(category).toMatchObject('name' in values ? { name: values.name.trim() } : values);
      await expectStored(category);
    });

    it.each(REFUSED_VALUES)('answers 422 to the %s %s', async (field, _, value, issue) => {
      const before = await listed();
      const { body } = await employee.post('/categories', { name: 'Refused', [field]: value }).expect(422);
      expect(body).toEqual(refusal(issue, 'body', field));
      expect(await listed()).toEqual(before);
    });

    it('answers 422 without a name', async () => {
      const { body } = await employee.post('/categories', { description: 'Nameless' }).expect(422);
      expect(body).toEqual(refusal(MISSING, 'body', 'name'));
    });

    it('lists all issues at once', async () => {
      const { body } = await employee.post('/categories', { name: '', description: 1 }).expect(422);
      expect(body.detail).toHaveLength(2);
      expect(body.detail).toEqual(
        expect.arrayContaining([
          { ...tooShort(1), loc: ['body', 'name'] },
          { ...NO_STRING, loc: ['body', 'description'] },
        ]),
      );
    });

    it.each([
      ['the same', 'Sweet Bakery'],
      ['the same but for spaces around it', '  Sweet Bakery '],
      ['the same but for the kind and number of spaces', 'Sweet \u00a0\u2003Bakery'],
      ['the same but for characters that are not seen', 'Sw\u00adeet\u200b Bak\u2060er\u200dy\ufe0f'],
      ['the same but for direction marks', '\u202dSweet Bakery\u202c\u200f'],
    ])('answers 409 to a name that is %s', async (_, name) => {
      const [bakery] = (await listed()).filter((category) => category.name === 'Sweet Bakery');
      const first =
        bakery ?? (await createCategory(employee, { name: 'Sweet Bakery', description: 'Bread' }));
      const before = await listed();
      const { body } = await employee.post('/categories', { name, description: 'Other' }).expect(409);
      expect(body).toEqual(NAME_TAKEN);
      expect(await listed()).toEqual(before);
      await expectStored(first);
    });

    it('takes a name again after its category is deleted', async () => {
      const first = await createCategory(employee, { name: 'Seasonal' });
      await employee.delete(`/categories/${first.id}`).expect(204);
      const second = await createCategory(employee, { name: 'Seasonal' });
      expect(second.id).not.toBe(first.id);
    });
  });

  describe('listing', () => {
    it.each([
      ['whatever their letter case', ['cherry', 'Banana', 'apple'], ['apple', 'Banana', 'cherry']],
      [
        'with accented letters beside plain ones',
        ['Éclair', 'zest', 'Äpfel', 'Edam'],
        ['Äpfel', 'Éclair', 'Edam', 'zest'],
      ],
      ['in Greek', ['γάλα', 'Βούτυρο', 'αλάτι'], ['αλάτι', 'Βούτυρο', 'γάλα']],
      ['in Cyrillic', ['вишня', 'Банан', 'арбуз'], ['арбуз', 'Банан', 'вишня']],
      ['by their common beginning', ['Tea bags', 'Teapots', 'Tea'], ['Tea', 'Tea bags', 'Teapots']],
    ])('sorts names %s', async (_, created, sorted) => {
      for (const name of created) await createCategory(employee, { name });
      const names = (await listed()).map(({ name }) => name);
      expect(names.filter((name) => created.includes(name))).toEqual(sorted);
    });

    it('keeps names together that differ in case or accents only, in the same order each time', async () => {
      for (const name of ['Crepe', 'CRÈME', 'Crema', 'crème', 'Creme'])
        await createCategory(employee, { name });
      const names = (await listed()).map(({ name }) => name).filter((name) => /^cr[eè]/i.test(name));
      expect(names).toHaveLength(5);
      expect(names[0]).toBe('Crema');
      expect(names[4]).toBe('Crepe');
      expect((await listed()).map(({ name }) => name).filter((name) => /^cr[eè]/i.test(name))).toEqual(names);
    });

    it('sorts by the sort order first, then by name', async () => {
      const places = { 'On 10': 10, 'first of 2': 2, 'Second of 2': 2, 'on 9': 9, 'Not placed': undefined };
      for (const [name, sort_order] of Object.entries(places))
        await createCategory(employee, { name, sort_order });
      const sorted = ['Not placed', 'first of 2', 'Second of 2', 'on 9', 'On 10'];
      const names = async (query = '') => {
        const { body } = await employee.get(`/categories${query}`).expect(200);
        return (body as CategoryResponse[]).map(({ name }) => name).filter((name) => name in places);
      };
      expect(await names()).toEqual(sorted);
      expect(await names('?sort=-sort_order')).toEqual([...sorted].reverse());
      expect(await names('?sort=name')).toEqual(['first of 2', 'Not placed', 'on 9', 'On 10', 'Second of 2']);
    });

    it('moves a category whose sort order is changed', async () => {
      const [first, second] = [
        await createCategory(employee, { sort_order: '7' }),
        await createCategory(employee, { sort_order: 8 }),
      ];
      const ids = async () =>
        (await listed()).map(({ id }) => id).filter((id) => [first.id, second.id].includes(id));
      expect(await ids()).toEqual([first.id, second.id]);
      const { body } = await employee.patch(`/categories/${first.id}`, { sort_order: 9 }).expect(200);
      expect(body).toEqual({ ...first, sort_order: 9, updated_at: expect.stringMatching(ISO_UTC) });
      expect(await ids()).toEqual([second.id, first.id]);
    });

    it('answers each category as it is answered alone', async () => {
      const category = await createCategory(employee, { description: 'On the list' });
      expect(await listed()).toContainEqual(category);
    });
  });

  describe('updating', () => {
    it('changes what is sent, leaves what is not, and says who changed it when', async () => {
      const category = await createCategory(employee, { name: 'Meat', description: 'From the butcher' });
      const owner = shop.as(Role.MarketOwner);
      const before = new Date().toISOString();
      const { body } = await owner
        .patch(`/categories/${category.id}`, { name: ' Meat & Seafood ' })
        .expect(200);
      expect(body).toEqual({
        ...category,
        name: 'Meat & Seafood',
        updated_by: await userIdOf(owner),
        updated_at: expect.stringMatching(ISO_UTC),
      });
      expect(body.updated_at >= before).toBe(true);
      expect(body.updated_by).not.toBe(body.created_by);
      await expectStored(body);
    });

    it('sorts a renamed category by its new name', async () => {
      const category = await createCategory(employee, { name: 'aaa first' });
      await createCategory(employee, { name: 'zzz middle' });
      await employee.patch(`/categories/${category.id}`, { name: 'ZZZZ last' }).expect(200);
      expect((await listed()).map(({ name }) => name).filter((name) => /^zzz/i.test(name))).toEqual([
        'zzz middle',
        'ZZZZ last',
      ]);
    });

    it('empties the description with null, and keeps it without', async () => {
      const { id } = await createCategory(employee, { description: 'Old' });
      const renamed = await employee.patch(`/categories/${id}`, { name: 'Emptied' }).expect(200);
      expect(renamed.body).toMatchObject({ name: 'Emptied', description: 'Old' });
      const emptied = await employee.patch(`/categories/${id}`, { description: null }).expect(200);
      expect(emptied.body).toMatchObject({ name: 'Emptied', description: null });
    });

    it('drops unknown fields and those of the program', async () => {
      const category = await createCategory(employee);
      const sent = {
        id: 4711,
        created_by: 4711,
        updated_by: 4711,
        created_at: 'x',
        updated_at: 'x',
        name_key: 'x',
      };
      const { body } = await employee.patch(`/categories/${category.id}`, sent).expect(200);
      expect(body).toEqual({ ...category, updated_at: expect.stringMatching(ISO_UTC) });
    });

    it('takes the name that the category has already', async () => {
      const { id, name } = await createCategory(employee);
      const { body } = await employee.patch(`/categories/${id}`, { name }).expect(200);
      expect(body).toMatchObject({ id, name });
    });

    it('answers 409 to the name of another category, and changes nothing', async () => {
      const other = await createCategory(employee);
      const category = await createCategory(employee);
      const changes = { name: ` ${other.name}`, description: 'Changed' };
      const { body } = await employee.patch(`/categories/${category.id}`, changes).expect(409);
      expect(body).toEqual(NAME_TAKEN);
      await expectStored(category);
      await expectStored(other);
    });

    it.each(REFUSED_VALUES)(
      'answers 422 to the %s %s, and changes nothing',
      async (field, _, value, issue) => {
        const category = await createCategory(employee, { description: 'Stays' });
        const changes = { name: 'Refused', description: 'Refused', [field]: value };
        const { body } = await employee.patch(`/categories/${category.id}`, changes).expect(422);
        expect(body).toEqual(refusal(issue, 'body', field));
        await expectStored(category);
      },
    );
  });

  describe('deleting', () => {
    it('answers 204 without a body, and the category is gone', async () => {
      const { id } = await createCategory(employee);
      const { text } = await employee.delete(`/categories/${id}`).expect(204);
      expect(text).toBe('');
      expect((await employee.get(`/categories/${id}`).expect(404)).body).toEqual(NOT_FOUND);
      expect((await employee.delete(`/categories/${id}`).expect(404)).body).toEqual(NOT_FOUND);
      expect((await listed()).map((category) => category.id)).not.toContain(id);
    });

    it('answers 409 while the category has items, and 204 after the last one', async () => {
      const category = await createCategory(employee);
      const item = await createItem(employee, { category_id: category.id });
      const { body } = await employee.delete(`/categories/${category.id}`).expect(409);
      expect(body).toEqual({ detail: 'The category still has items', code: 'category_in_use' });
      await expectStored(category);
      expect((await employee.get(`/items/${item.id}`).expect(200)).body).toEqual(item);

      const { id: category_id } = await createCategory(employee);
      await employee.patch(`/items/${item.id}`, { category_id }).expect(200);
      await employee.delete(`/categories/${category.id}`).expect(204);
    });
  });

  describe('an id in the path', () => {
    const methods = ['get', 'patch', 'delete'] as const;

    it.each(NO_INTEGERS)('is 422 when it is %s', async (_, id) => {
      for (const method of methods) {
        const { body } = await employee[method](`/categories/${id}`, { name: 'Nobody' }).expect(422);
        expect(body).toEqual(refusal(NO_INTEGER_IN_STRING, 'path', 'category_id'));
      }
    });

    it.each(INTEGERS_OF_NOTHING)('is 404 when it is %s', async (_, id) => {
      for (const method of methods) {
        const { body } = await employee[method](`/categories/${id}`, { name: 'Nobody' }).expect(404);
        expect(body).toEqual(NOT_FOUND);
      }
    });
  });

  it('answers every path with a trailing slash as well', async () => {
    const { body: category } = await employee.post('/categories/', { name: 'Slashed' }).expect(201);
    expect((await employee.get('/categories/').expect(200)).body).toEqual(await listed());
    expect((await employee.get(`/categories/${category.id}/`).expect(200)).body).toEqual(category);
    const { body } = await employee.patch(`/categories/${category.id}/`, { name: 'Slashes' }).expect(200);
    expect(body).toMatchObject({ id: category.id, name: 'Slashes' });
    await employee.delete(`/categories/${category.id}/`).expect(204);
    await employee.get(`/categories/${category.id}`).expect(404);
  });
});
