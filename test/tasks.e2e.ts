import { Role } from '../src/platform/authorization/role.js';
import type { TaskResponse } from '../src/tasks/dto/task-response.dto.js';
import { type Account, createAccount } from './support/accounts.js';
import { createItem, userIdOf } from './support/catalogue.js';
import type { Client } from './support/client.js';
import { race } from './support/race.js';
import { Shop } from './support/shop.js';

const NOT_FOUND = { detail: 'Task not found', code: 'task_not_found' };
const NO_STOCKTAKE = { detail: 'Stocktake not found', code: 'stocktake_not_found' };
const NO_USER = { detail: 'User not found', code: 'user_not_found' };

describe('Tasks', () => {
  let shop: Shop;
  let owner: Client;
  let employee: Client;
  let employeeId: number;

  beforeAll(async () => {
    shop = await Shop.open();
    owner = shop.as(Role.MarketOwner);
    employee = shop.as(Role.Employee);
    employeeId = await userIdOf(employee);
  });

  afterAll(() => shop.close());

  async function create(values: object = {}): Promise<TaskResponse> {
    return (await owner.post('/tasks', { title: 'Clean the coffee machine', ...values }).expect(201)).body;
  }

  async function listed(client: Client, query: string): Promise<number[]> {
    const { body } = (await client.get(`/tasks?${query}`).expect(200)) as { body: TaskResponse[] };
    return body.map(({ id }) => id);
  }

  describe('creating', () => {
    it('answers the task with all its fields, and where it is', async () => {
      const item = await createItem(owner);
      const values = {
        title: 'Move the milk',
        note: 'To the front',
        assigned_to: employeeId,
        item_id: item.id,
      };
      const { body, headers } = await owner
        .post('/tasks', { ...values, due_at: '2026-03-01T19:00:00+03:00' })
        .expect(201);
      expect(body).toEqual({
        id: expect.any(Number),
        ...values,
        status: 'open',
        stocktake_id: null,
        due_at: '2026-03-01T16:00:00.000Z',
        completed_at: null,
        created_by: await userIdOf(owner),
        updated_by: await userIdOf(owner),
        created_at: expect.any(String),
        updated_at: body.created_at,
      });
      expect(headers.location).toBe(`/api/v1/tasks/${body.id}`);
      expect((await employee.get(`/tasks/${body.id}`).expect(200)).body).toEqual(body);
    });

    it('happens once for an Idempotency-Key', async () => {
      const send = () => owner.post('/tasks', { title: 'Once' }).set('Idempotency-Key', 'a task').expect(201);
      expect((await send()).body).toEqual((await send()).body);
    });

    it.each([
      ['an unknown user', { assigned_to: 99_999 }, NO_USER],
      ['an unknown item', { item_id: 99_999 }, { detail: 'Item not found', code: 'item_not_found' }],
      ['an unknown stocktake', { stocktake_id: 99_999 }, NO_STOCKTAKE],
    ])('refuses %s', async (_, values, error) => {
      const { body } = await owner.post('/tasks', { title: 'Anything', ...values }).expect(404);
      expect(body).toEqual(error);
    });

    it.each([
      ['a blank title', { title: ' \u200b ' }, 'title'],
      ['an unknown status', { title: 'Anything', status: 'started' }, 'status'],
      ['a date without an offset', { title: 'Anything', due_at: '2026-03-01' }, 'due_at'],
    ])('refuses %s', async (_, values, field) => {
      const { body } = await owner.post('/tasks', values).expect(422);
      expect(body.detail[0].loc).toEqual(['body', field]);
    });
  });

  describe('of an employee', () => {
    it('are those that are assigned to them; others are not there', async () => {
      const [own, free] = [await create({ assigned_to: employeeId }), await create()];
      const ids = await listed(employee, '');
      expect(ids).toContain(own.id);
      expect(ids).not.toContain(free.id);
      expect(await listed(employee, 'assigned_to=nobody')).toEqual([]);
      expect((await employee.get(`/tasks/${free.id}`).expect(404)).body).toEqual(NOT_FOUND);
      expect((await employee.patch(`/tasks/${free.id}`, { status: 'done' }).expect(404)).body).toEqual(
        NOT_FOUND,
      );
      expect((await employee.patch(`/tasks/${free.id}`, { title: 'Mine' }).expect(404)).body).toEqual(
        NOT_FOUND,
      );
    });

    it('change in status and note only, all or nothing', async () => {
      const task = await create({ assigned_to: employeeId });
      const { body } = await employee
        .patch(`/tasks/${task.id}`, { status: 'in_progress', note: 'At it' })
        .expect(200);
      expect(body).toMatchObject({ status: 'in_progress', note: 'At it', updated_by: employeeId });
      for (const change of [{ title: 'Less' }, { assigned_to: null }, { due_at: null }, { item_id: null }]) {
        await employee.patch(`/tasks/${task.id}`, { status: 'done', ...change }).expect(403);
      }
      expect((await employee.get(`/tasks/${task.id}`).expect(200)).body).toEqual(body);
    });
  });

  it('keep when they were done until they are opened again', async () => {
    const { id } = await create({ assigned_to: employeeId });
    const { body: done } = await employee.patch(`/tasks/${id}`, { status: 'done' }).expect(200);
    expect(done.completed_at).toEqual(expect.any(String));
    const { body: again } = await employee.patch(`/tasks/${id}`, { status: 'done' }).expect(200);
    expect(again.completed_at).toBe(done.completed_at);
    const { body: noted } = await owner.patch(`/tasks/${id}`, { note: 'Well done' }).expect(200);
    expect(noted.completed_at).toBe(done.completed_at);
    const { body: opened } = await owner.patch(`/tasks/${id}`, { status: 'open' }).expect(200);
    expect(opened.completed_at).toBeNull();
  });

  it('are listed by assignee, status, item and time of change', async () => {
    const item = await createItem(owner);
    const one = await create({ item_id: item.id, assigned_to: employeeId });
    const other = await create({ item_id: item.id, status: 'in_progress', due_at: '2026-03-01T16:00:00Z' });
    const mine = await create({ item_id: item.id, assigned_to: await userIdOf(owner) });
    const about = `item_id=${item.id}`;
    expect(await listed(owner, about)).toEqual([mine.id, other.id, one.id]);
    expect(await listed(owner, `${about}&sort=due_at`)).toEqual([one.id, mine.id, other.id]);
    expect(await listed(owner, `${about}&assigned_to=me`)).toEqual([mine.id]);
    expect(await listed(owner, `${about}&assigned_to=nobody`)).toEqual([other.id]);
    expect(await listed(owner, `${about}&assigned_to=${employeeId}`)).toEqual([one.id]);
    expect(await listed(employee, `assigned_to=me&status=open&${about}`)).toEqual([one.id]);
    expect(await listed(owner, `${about}&status=in_progress`)).toEqual([other.id]);
    expect(await listed(owner, `${about}&updated_since=${other.updated_at}`)).toContain(mine.id);
    expect(await listed(owner, `${about}&limit=2`)).toEqual([mine.id, other.id]);
    await owner.get('/tasks?assigned_to=us').expect(422);
  });

  it('are changed only in the expected version', async () => {
    const { id } = await create();
    const { headers } = await owner.get(`/tasks/${id}`).expect(200);
    await owner
      .patch(`/tasks/${id}`, { note: 'First' })
      .set('If-Match', headers.etag as string)
      .expect(200);
    await owner
      .patch(`/tasks/${id}`, { note: 'Second' })
      .set('If-Match', headers.etag as string)
      .expect(412);
    await owner
      .delete(`/tasks/${id}`)
      .set('If-Match', headers.etag as string)
      .expect(412);
    await owner.delete(`/tasks/${id}`).expect(204);
    await owner.delete(`/tasks/${id}`).expect(404);
  });

  it('lose the item when it is deleted, and nothing else', async () => {
    const item = await createItem(owner);
    const task = await create({ item_id: item.id });
    await owner.delete(`/items/${item.id}`).expect(204);
    expect((await owner.get(`/tasks/${task.id}`).expect(200)).body).toEqual({ ...task, item_id: null });
  });

  describe('of a user who can not log in any more', () => {
    const endings: [string, (account: Account) => Promise<unknown>][] = [
      [
        'deactivated',
        ({ id }) => shop.as(Role.Admin).patch(`/users/${id}`, { is_active: false }).expect(200),
      ],
      ['deleted', ({ id }) => shop.as(Role.Admin).delete(`/users/${id}`).expect(204)],
    ];

    it.each(endings)('go back to nobody unless they are done: %s', async (_, end) => {
      const account = await createAccount(shop);
      const open = await create({ assigned_to: account.id });
      const begun = await create({ assigned_to: account.id, status: 'in_progress' });
      const done = await create({ assigned_to: account.id, status: 'done' });
      const { headers } = await owner.get(`/tasks/${open.id}`).expect(200);
      await end(account);
      const assignees = await Promise.all(
        [open, begun, done].map(
          async ({ id }) => (await owner.get(`/tasks/${id}`).expect(200)).body.assigned_to,
        ),
      );
      expect(assignees).toEqual([null, null, account.id]);
      expect((await owner.get(`/tasks/${open.id}`)).headers.etag).not.toBe(headers.etag);
      const { body } = await owner.post('/tasks', { title: 'Too late', assigned_to: account.id }).expect(404);
      expect(body).toEqual(NO_USER);
    });

    it.each(endings)("are nobody's when they are assigned meanwhile: %s", async (_, end) => {
      const account = await createAccount(shop);
      const assigning = Array.from({ length: 5 }, () =>
        owner.post('/tasks', { title: 'Now or never', assigned_to: account.id }),
      );
      await race(shop.app, [...assigning, end(account)]);
      expect(await listed(owner, `assigned_to=${account.id}`)).toEqual([]);
    });
  });
});
