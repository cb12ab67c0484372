import { readFileSync } from 'node:fs';
import { Controller, Get, Query } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { CurrentRole } from '../src/platform/authorization/current-role.decorator.js';
import { CurrentUser } from '../src/platform/authorization/current-user.decorator.js';
import { Role } from '../src/platform/authorization/role.js';
import { Database } from '../src/platform/database/database.js';
import {
  addVersionCounters,
  dropVersionCounters,
} from '../src/platform/database/migrations/version-counters.js';
import { assertRememberable } from '../src/platform/lists/remembered-lists.check.js';
import { startApp } from './support/app.js';
import { createStock } from './support/catalogue.js';
import { Clock } from './support/clock.js';
import { Shop } from './support/shop.js';
import { createTemporaryDatabase } from './support/temporary-database.js';

interface Operation {
  parameters?: { name: string }[];
  responses: Record<string, { content?: Record<string, { schema: { type?: string } }> }>;
}

/** Every list that is remembered, as the document of the API has them. */
const LISTS = Object.entries(
  (
    JSON.parse(readFileSync(new URL('./openapi.snapshot.json', import.meta.url), 'utf8')) as {
      paths: Record<string, { get?: Operation }>;
    }
  ).paths,
)
  .filter(([, { get }]) => {
    const isArray = get?.responses['200']?.content?.['application/json']?.schema.type === 'array';
    return isArray && get.parameters?.some(({ name }) => name === 'If-None-Match');
  })
  .map(([path]) => path.replace('/api/v1', '').replace('{item_id}', '1'));

describe('A remembered list', () => {
  it('is each of the lists', () => {
    expect(LISTS).toEqual(expect.arrayContaining(['/items', '/stock', '/stock/1/movements', '/users']));
  });

  it('does not depend on the clock', async () => {
    const clock = Clock.start();
    const shop = await Shop.open({ ACCESS_TOKEN_EXPIRE_MINUTES: '1440' });
    const admin = shop.as(Role.Admin);
    await createStock(admin);
    // Another URL is another list to remember, with the same rows: unknown parameters are ignored.
    const read = async (path: string, nonce: string) =>
      (await admin.get(`${path}?${path.endsWith('search') ? 'q=a&' : ''}_=${nonce}`).expect(200)).text;
    const before = await Promise.all(LISTS.map((path) => read(path, 'before')));
    clock.goOn(23 * 3_600_000);
    expect(await Promise.all(LISTS.map((path) => read(path, 'after')))).toEqual(before);
    await shop.close();
    clock.stop();
  });

  it('takes no more than the path, the query, and the role where it has a text for each, or the program does not start', () => {
    @Controller()
    class Lists {
      @Get()
      everybodys(@Query() query: object): object {
        return query;
      }

      @Get()
      mine(@Query() query: object, @CurrentUser() actor: CurrentUser): object {
        return { ...query, ...actor };
      }

      @Get()
      owners(@Query() query: object, @CurrentRole() role: Role): object {
        return { ...query, role };
      }
    }
    const remember = (method: keyof Lists, byRole: boolean) => () => {
      assertRememberable(Lists, method, `Lists.${method}`, { byRole });
    };
    expect(remember('everybodys', false)).not.toThrow();
    expect(remember('everybodys', true)).not.toThrow();
    expect(remember('owners', true)).not.toThrow();
    expect(remember('owners', false)).toThrow(
      "Lists.owners can't be remembered: it takes more than the path and the query",
    );
    expect(remember('mine', false)).toThrow(
      "Lists.mine can't be remembered: it takes more than the path and the query",
    );
    expect(remember('mine', true)).toThrow(
      "Lists.mine can't be remembered: it takes more than the path, the query and the role",
    );
  });

  it('is of tables whose changes are counted, or the program does not start', async () => {
    const database = await createTemporaryDatabase();
    const { app } = await startApp(database);
    await app.get(Database).write`delete from collection_versions where collection = 'categories'`;
    await app.close();
    await expect(startApp(database)).rejects.toThrow(
      /^CategoriesController.listCategories lists categories, whose changes are not counted$/,
    );
    await database.drop();
  });
});

describe('Version counters', () => {
  it('count the changes and rows of a table, and give its rows versions', async () => {
    const shop = await Shop.open();
    const runner = shop.app.get(DataSource).createQueryRunner();
    const counted = async () => {
      const [counters] = (await runner.query(`
        select sum(changes) as changes, sum(row_count) as row_count from collection_versions
        where collection = 'shelves'`)) as Record<string, unknown>[];
      return [Number(counters?.changes), Number(counters?.row_count)];
    };
    const versions = async () => {
      const rows = (await runner.query('select version from shelves order by id')) as { version: unknown }[];
      return rows.map(({ version }) => Number(version));
    };
    await runner.query('create table shelves (id integer primary key, name varchar(20), clicks integer)');
    await runner.query(`insert into shelves (id, name) values (1, 'Fruit')`);
    await addVersionCounters(runner, 'shelves', ['name']);
    expect([await counted(), await versions()]).toEqual([[0, 1], [0]]);

    const now = Date.now();
    await runner.query(`insert into shelves (id, name) values (2, 'Bread')`);
    await runner.query(`update shelves set name = 'Fruits' where id = 1`);
    const [first = 0, second = 0] = await versions();
    expect(Math.min(first, second)).toBeGreaterThan(now - 60_000);
    expect(await counted()).toEqual([2, 2]);
    await runner.query('update shelves set clicks = 1');
    expect([await counted(), await versions()]).toEqual([
      [2, 2],
      [first, second],
    ]);
    await runner.query('delete from shelves where id = 2');
    expect(await counted()).toEqual([3, 1]);

    await dropVersionCounters(runner, 'shelves');
    await runner.query('drop table shelves');
    await runner.release();
    await shop.close();
  });
});
