import { createHash } from 'node:crypto';
import type { Response } from 'supertest';
import { Role } from '../src/platform/authorization/role.js';
import { createAccount, login, registration } from './support/accounts.js';
import type { Client } from './support/client.js';
import { race } from './support/race.js';
import { ADMIN, PASSWORD, Shop } from './support/shop.js';

const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/;
const EMAIL_TAKEN = { detail: 'A user with this e-mail address already exists', code: 'email_taken' };
const USERNAME_TAKEN = { detail: 'A user with this username already exists', code: 'username_taken' };
const NOT_FOUND = { detail: 'User not found', code: 'user_not_found' };
const LAST_ADMIN = {
  detail: 'This is the last active admin: make another user an admin first',
  code: 'last_admin',
};

/** [field, value, type, msg] of a 422; a rule that holds for `POST /users/register` and `PATCH /users/{user_id}`. */
const FIELD_RULES: [string, unknown, string, string][] = [
  ['email', 'maria', 'value_error', 'value is not a valid email address'],
  ['email', 'maria@', 'value_error', 'value is not a valid email address'],
  ['email', 'maria@shop', 'value_error', 'value is not a valid email address'],
  ['email', 'ma ria@shop.example', 'value_error', 'value is not a valid email address'],
  ['email', '', 'value_error', 'value is not a valid email address'],
  [
    'email',
    `${'x'.repeat(254)}@shop.example`,
    'string_too_long',
    'String should have at most 254 characters',
  ],
  // 254 characters at most, and more than that as it is stored: Ⅷ is viii in a domain.
  [
    'email',
    `${'x'.repeat(64)}@${`${'Ⅷ'.repeat(15)}.`.repeat(3)}example`,
    'value_error',
    'value is not a valid email address',
  ],
  ['email', 12, 'string_type', 'Input should be a valid string'],
  ['email', null, 'string_type', 'Input should be a valid string'],
  ['full_name', 'x'.repeat(101), 'string_too_long', 'String should have at most 100 characters'],
  ['full_name', ['Maria'], 'string_type', 'Input should be a valid string'],
  ['password', 'Short1A', 'string_too_short', 'String should have at least 8 characters'],
  ['password', `A1${'x'.repeat(127)}`, 'string_too_long', 'String should have at most 128 characters'],
  [
    'password',
    'no-upper-case-1',
    'value_error',
    'Value error, not a valid password: it needs an upper-case letter',
  ],
  ['password', 'No-Digit-At-All', 'value_error', 'Value error, not a valid password: it needs a digit'],
  ['password', 12345678, 'string_type', 'Input should be a valid string'],
  ['password', { secret: 'Sesame123' }, 'string_type', 'Input should be a valid string'],
  ['password', null, 'string_type', 'Input should be a valid string'],
  ['role', 'boss', 'enum', "Input should be 'admin', 'market_owner' or 'employee'"],
  ['role', 'Admin', 'enum', "Input should be 'admin', 'market_owner' or 'employee'"],
  ['role', null, 'enum', "Input should be 'admin', 'market_owner' or 'employee'"],
];

describe('Users', () => {
  let shop: Shop;
  let admin: Client;

  beforeAll(async () => {
    shop = await Shop.open();
    admin = shop.as(Role.Admin);
  });

  afterAll(() => shop.close());

  const register = async (values: object = {}): Promise<Record<string, unknown> & { id: number }> => {
    const { body } = await admin.post('/users/register', { ...registration(), ...values }).expect(201);
    return body;
  };

  describe('register', () => {
    it('creates an active user with all fields', async () => {
      const { body } = await admin
        .post('/users/register', {
          email: 'Maria.Rossi@Corner-Cafe.example',
          username: 'Maria_Rossi',
          full_name: '  Maria Rossi ',
          password: PASSWORD,
          role: Role.MarketOwner,
        })
        .expect(201);
      expect(body).toEqual({
        id: expect.any(Number),
        email: 'maria.rossi@corner-cafe.example',
        username: 'Maria_Rossi',
        full_name: 'Maria Rossi',
        role: 'market_owner',
        is_active: true,
        is_deleted: false,
        deleted_at: null,
        created_at: expect.stringMatching(TIME),
        updated_at: expect.stringMatching(TIME),
      });
      await admin.get(`/users/${body.id}`).expect(200, body);
      await login(shop, 'Maria_Rossi', PASSWORD);
    });

    it('makes an employee without a full name of whom the request says no more', async () => {
      const { email, username, password } = registration();
      expect(await register({ email, username, password, role: undefined })).toMatchObject({
        role: 'employee',
        full_name: null,
      });
    });

    it.each(['', '  ', null])('takes the full name %j for none', async (full_name) => {
      const user = await register({ full_name });
      expect(user.full_name).toBeNull();
      await admin.get(`/users/${user.id}`).expect(200, user);
    });

    it('drops fields that are not for clients to set', async () => {
      const user = await register({
        id: 1,
        is_active: false,
        is_deleted: true,
        deleted_at: '2020-01-01T00:00:00.000Z',
        hashed_password: 'x',
        created_at: '2020-01-01T00:00:00.000Z',
      });
      expect(user).toMatchObject({ is_active: true, is_deleted: false, deleted_at: null });
      expect(user.id).toBeGreaterThan(1);
      expect(user.created_at).not.toMatch(/^2020/);
    });

    it.each<[string, unknown, string, string]>([
      ...FIELD_RULES,
      ['username', 'ab', 'string_too_short', 'String should have at least 3 characters'],
      ['username', ' ab ', 'string_too_short', 'String should have at least 3 characters'],
      ['username', 'x'.repeat(51), 'string_too_long', 'String should have at most 50 characters'],
      ['username', 'two words', 'string_pattern_mismatch', "String should match pattern '^[A-Za-z0-9_]+$'"],
      ['username', 'hyphen-ated', 'string_pattern_mismatch', "String should match pattern '^[A-Za-z0-9_]+$'"],
      ['username', 'josé', 'string_pattern_mismatch', "String should match pattern '^[A-Za-z0-9_]+$'"],
      ['username', 'maria@home', 'string_pattern_mismatch', "String should match pattern '^[A-Za-z0-9_]+$'"],
      ['username', 'new\nline', 'string_pattern_mismatch', "String should match pattern '^[A-Za-z0-9_]+$'"],
      ['username', 123, 'string_type', 'Input should be a valid string'],
      ['username', null, 'string_type', 'Input should be a valid string'],
    ])('refuses a body whose %s is %j', (field, value, type, msg) =>
      expectNoChange(admin, () =>
        admin
          .post('/users/register', { ...registration(), [field]: value })
          .expect(422, { detail: [{ type, loc: ['body', field], msg }] }),
      ),
    );

    it.each(['email', 'username', 'password'])('refuses a body without %s', (field) =>
      expectNoChange(admin, () =>
        admin
          .post('/users/register', { ...registration(), [field]: undefined })
          .expect(422, { detail: [{ type: 'missing', loc: ['body', field], msg: 'Field required' }] }),
      ),
    );

    it('lists all issues at once', async () => {
      const { body } = await admin
        .post('/users/register', { email: 'x', username: 'y', password: 'z', role: 'boss' })
        .expect(422);
      const fields = (body.detail as { loc: string[] }[]).map(({ loc }) => loc.join('.'));
      expect(fields.sort()).toEqual(['body.email', 'body.password', 'body.role', 'body.username']);
    });

    it.each<[string, object]>([
      ['too short', { password: 'Sesame1' }],
      ['too long', { password: 'Sesame1'.repeat(20) }],
      ['without a digit', { password: 'OpenSesame' }],
      ['inside an object', { password: { value: 'Sesame123' } }],
      ['good, beside a bad field', { password: 'Sesame123', username: '' }],
      ['in the place of another field', { email: 'Sesame123', role: 'Sesame123', username: 'Sesame 123' }],
    ])('does not send back a password that is %s', async (_, values) => {
      const { text } = await admin.post('/users/register', { ...registration(), ...values }).expect(422);
      expect(text).not.toContain('Sesame');
    });

    it.each<[string, object]>([
      ['a username of 3 characters', { username: 'Abc' }],
      ['a username of 50 characters', { username: 'x'.repeat(50) }],
      ['a full name of 100 characters, whatever their bytes', { full_name: '🍎'.repeat(100) }],
      ['no full name', { full_name: null }],
      ['a password of 8 characters', { password: 'Abcdefg1' }],
      ['a password of 128 characters', { password: `A1${'x'.repeat(126)}` }],
      ['a password of 128 characters, whatever their bytes', { password: `A1${'🍎'.repeat(126)}` }],
    ])('takes %s', async (_, values) => {
      const account = { ...registration(), ...values };
      const { username, password } = account;
      const user = await register(account);
      expect(user).toMatchObject({ username, full_name: 'full_name' in values ? values.full_name : null });
      await login(shop, username, password);
    });
  });

  describe('names', () => {
    it.each<[string, object, object]>([
      ['e-mail address', { email: 'taken@shop.example' }, EMAIL_TAKEN],
      ['e-mail address in other letter case', { email: 'Taken@SHOP.example' }, EMAIL_TAKEN],
      ['username', { username: 'taken' }, USERNAME_TAKEN],
      ['username in other letter case', { username: 'TAKEN' }, USERNAME_TAKEN],
    ])('are taken when someone else has the %s', async (_, values, answer) => {
      const taken = await createAccount(shop, { username: 'taken', email: 'taken@shop.example' });
      await expectNoChange(admin, () =>
        admin.post('/users/register', { ...registration(), ...values }).expect(409, answer),
      );
      await admin.delete(`/users/${taken.id}`).expect(204);
    });

    it.each([
      ['in Turkish capitals', 'İNFO@MÜŞTERİ.EXAMPLE'],
      ['with a dotless i', 'ınfo@müşteri.example'],
      ['in decomposed letters', 'i\u0307nfo@mu\u0308s\u0327teri.example'],
      ['with its domain in punycode', 'info@xn--mteri-kva70e.example'],
    ])('are taken when someone else has the e-mail address %s', async (_, email) => {
      const [taken, other] = [await register({ email: 'info@müşteri.example' }), await register()];
      await expectNoChange(admin, async () => {
        await admin.post('/users/register', { ...registration(), email }).expect(409, EMAIL_TAKEN);
        await admin.patch(`/users/${other.id}`, { email }).expect(409, EMAIL_TAKEN);
      });
      await admin.delete(`/users/${taken.id}`).expect(204);
      const { body } = await admin.patch(`/users/${other.id}`, { email }).expect(200);
      expect(body.email).toBe('info@müşteri.example');
      await admin.delete(`/users/${other.id}`).expect(204);
    });

    it('are taken by deactivated users as well', async () => {
      const { id, username, email } = await register();
      await admin.patch(`/users/${id}`, { is_active: false }).expect(200);
      await admin.post('/users/register', { ...registration(), username }).expect(409, USERNAME_TAKEN);
      await admin.post('/users/register', { ...registration(), email }).expect(409, EMAIL_TAKEN);
    });

    it('are free again after their user was deleted, as often as that happens', async () => {
      const names = { username: 'phoenix', email: 'phoenix@shop.example' };
      const ids: number[] = [];
      for (let life = 0; life < 3; life++) {
        const { id } = await createAccount(shop, names);
        await admin.delete(`/users/${id}`).expect(204);
        ids.push(id);
      }
      expect(new Set(ids).size).toBe(3);
      expect(await everybody(admin)).toEqual(
        expect.arrayContaining(ids.map((id) => expect.objectContaining({ id, ...names, is_deleted: true }))),
      );
    });

    it('go to one of several who ask for them at once', async () => {
      const body = registration();
      const answers = await race(
        shop.app,
        Array.from({ length: 5 }, () => admin.post('/users/register', body)),
      );
      expect(answers.map(({ status }) => status).sort()).toEqual([201, 409, 409, 409, 409]);
    });
  });

  describe('every byte of a password counts', () => {
    it.each<[string, string, string]>([
      ['in byte 72', `A1${'x'.repeat(69)}y`, `A1${'x'.repeat(69)}z`],
      ['in byte 73', `A1${'x'.repeat(70)}y`, `A1${'x'.repeat(70)}z`],
      ['in the last of 128 bytes', `A1${'x'.repeat(125)}y`, `A1${'x'.repeat(125)}z`],
      ['by all that follows byte 72', `A1${'x'.repeat(71)}`, `A1${'x'.repeat(70)}`],
      ['in a letter of two bytes after byte 72', `A1${'é'.repeat(35)}é`, `A1${'é'.repeat(35)}è`],
      ['inside a letter that lies across byte 72', `A1x${'é'.repeat(34)}é`, `A1x${'é'.repeat(34)}è`],
      ['in the last of 128 emoji', `A1${'🍎'.repeat(125)}🍎`, `A1${'🍎'.repeat(125)}🍏`],
    ])('when two differ %s', async (_, password, other) => {
      const { username } = await createAccount(shop, { password });
      await login(shop, username, password);
      await shop.anonymous
        .post('/auth/login', { username, password: other })
        .expect(401, { detail: 'Incorrect username or password', code: 'invalid_credentials' });
    });

    it.each(['base64', 'hex'] as const)(
      "and its SHA-256 in %s can't be typed in its place",
      async (encoding) => {
        const password = `A1${'x'.repeat(100)}`;
        const { username } = await createAccount(shop, { password });
        const digest = createHash('sha256').update(password).digest(encoding);
        await shop.anonymous
          .post('/auth/login', { username, password: digest })
          .expect(401, { detail: 'Incorrect username or password', code: 'invalid_credentials' });
      },
    );
  });

  describe('update', () => {
    it.each<[string, unknown, unknown]>([
      ['email', 'New.Address@Shop.example', 'new.address@shop.example'],
      ['full_name', ' Maria Rossi ', 'Maria Rossi'],
      ['full_name', null, null],
      ['full_name', '', null],
      ['full_name', ' \n', null],
      ['role', 'market_owner', 'market_owner'],
      ['is_active', false, false],
    ])('of %s to %j changes that field alone', async (field, value, stored) => {
      const user = await register({ full_name: 'M. Rossi' });
      const { body } = await admin.patch(`/users/${user.id}`, { [field]: value }).expect(200);
      expect(body).toEqual({ ...user, [field]: stored, updated_at: expect.stringMatching(TIME) });
      await admin.get(`/users/${user.id}`).expect(200, body);
    });

    it('of the password changes nothing that one can read', async () => {
      const user = await register();
      const { body } = await admin.patch(`/users/${user.id}`, { password: 'Cappuccino4You' }).expect(200);
      expect(body).toEqual({ ...user, updated_at: expect.stringMatching(TIME) });
      await login(shop, user.username as string, 'Cappuccino4You');
    });

    it('of nothing leaves all as it is', async () => {
      const user = await register({ full_name: 'Maria Rossi' });
      const { body } = await admin.patch(`/users/${user.id}`, {}).expect(200);
      expect(body).toEqual({ ...user, updated_at: expect.stringMatching(TIME) });
      await login(shop, user.username as string, PASSWORD);
    });

    it('drops fields that are not for clients to change', async () => {
      const user = await register();
      const { body } = await admin
        .patch(`/users/${user.id}`, {
          id: 4711,
          username: 'somebody_else',
          hashed_password: 'x',
          is_deleted: true,
          deleted_at: '2020-01-01T00:00:00.000Z',
          created_at: '2020-01-01T00:00:00.000Z',
          credentials_version: 7,
        })
        .expect(200);
      expect(body).toEqual({ ...user, updated_at: expect.stringMatching(TIME) });
      await login(shop, user.username as string, PASSWORD);
    });

    it.each<[string, unknown, string, string]>([
      ...FIELD_RULES,
      ['is_active', 'maybe', 'bool_parsing', 'Input should be a valid boolean, unable to interpret input'],
    ])('is refused whose %s is %j', async (field, value, type, msg) => {
      const { id, username } = await register();
      await expectNoChange(admin, () =>
        admin
          .patch(`/users/${id}`, { full_name: 'Not to be kept', [field]: value })
          .expect(422, { detail: [{ type, loc: ['body', field], msg }] }),
      );
      await login(shop, username as string, PASSWORD);
    });

    it('is refused whose is_active is null', async () => {
      const { id } = await register();
      await expectNoChange(admin, async () => {
        const { body } = await admin.patch(`/users/${id}`, { is_active: null }).expect(422);
        expect(body.detail).toMatchObject([{ loc: ['body', 'is_active'] }]);
      });
    });

    it("is refused for someone else's e-mail address, in any letter case", async () => {
      const [user, other] = [await register(), await register()];
      for (const email of [other.email as string, (other.email as string).toUpperCase()]) {
        await expectNoChange(admin, () =>
          admin.patch(`/users/${user.id}`, { email }).expect(409, EMAIL_TAKEN),
        );
      }
    });

    it("takes the user's own e-mail address, and that of a deleted user", async () => {
      const [user, former] = [await register(), await register()];
      await admin.patch(`/users/${user.id}`, { email: user.email }).expect(200);
      await admin.delete(`/users/${former.id}`).expect(204);
      const { body } = await admin.patch(`/users/${user.id}`, { email: former.email }).expect(200);
      expect(body.email).toBe(former.email);
    });

    it('ends no session when it is refused with 409', async () => {
      const [account, other] = [await createAccount(shop), await register()];
      await admin
        .patch(`/users/${account.id}`, { email: other.email, password: 'Cappuccino4You' })
        .expect(409, EMAIL_TAKEN);
      await account.client.get('/auth/me').expect(200);
      await shop.anonymous.post('/auth/refresh', { refresh_token: account.refreshToken }).expect(200);
      await login(shop, account.username, account.password);
    });

    describe('by a market owner', () => {
      it('changes all of an employee but the role, which may be sent as it is', async () => {
        const { id } = await register();
        const changes = { email: `moved_${id}@shop.example`, full_name: 'Maria', is_active: false };
        const { body } = await shop
          .as(Role.MarketOwner)
          .patch(`/users/${id}`, { ...changes, password: 'Cappuccino4You', role: 'employee' })
          .expect(200);
        expect(body).toMatchObject({ id, ...changes, role: 'employee' });
      });

      it.each([Role.MarketOwner, Role.Admin])('never makes an employee a %s', async (role) => {
        const { id } = await register();
        await expectNoChange(admin, () =>
          shop
            .as(Role.MarketOwner)
            .patch(`/users/${id}`, { full_name: 'Not to be kept', role })
            .expect(403, { detail: 'Only an admin changes roles', code: 'forbidden' }),
        );
      });

      it.each([Role.MarketOwner, Role.Admin])('is refused for a %s, even down to employee', async (role) => {
        const { id } = await register({ role });
        for (const changes of [{ full_name: 'Not to be kept' }, { role: 'employee' }, { role }]) {
          await expectNoChange(admin, () =>
            shop
              .as(Role.MarketOwner)
              .patch(`/users/${id}`, changes)
              .expect(403, { detail: 'You may not do this to this user', code: 'forbidden' }),
          );
        }
      });
    });
  });

  describe('a deleted user', () => {
    it('stays on record, out of sight', async () => {
      const user = await register({ full_name: 'Maria Rossi' });
      const { text } = await admin.delete(`/users/${user.id}`).expect(204);
      expect(text).toBe('');

      await admin.get(`/users/${user.id}`).expect(404, NOT_FOUND);
      for (const path of ['/users', '/users?include_deleted=false']) {
        const { body } = await admin.get(path).expect(200);
        expect(body).not.toContainEqual(expect.objectContaining({ id: user.id }));
      }
      expect(await everybody(admin)).toContainEqual({
        ...user,
        is_active: false,
        is_deleted: true,
        deleted_at: expect.stringMatching(TIME),
        updated_at: expect.stringMatching(TIME),
      });
    });

    it.each<[string, (client: Client, path: string) => PromiseLike<Response>]>([
      ['deleted again', (client, path) => client.delete(path)],
      ['changed', (client, path) => client.patch(path, { full_name: 'Not to be kept' })],
      ['activated', (client, path) => client.patch(path, { is_active: true })],
    ])("can't be %s", async (_, send) => {
      const { id } = await register();
      await admin.delete(`/users/${id}`).expect(204);
      await expectNoChange(admin, async () => {
        const { status, body } = await send(admin, `/users/${id}`);
        expect({ status, body }).toEqual({ status: 404, body: NOT_FOUND });
      });
    });

    it('is gone for market owners, too', async () => {
      const { id } = await register();
      await shop.as(Role.MarketOwner).delete(`/users/${id}`).expect(204);
      await shop.as(Role.MarketOwner).get(`/users/${id}`).expect(404, NOT_FOUND);
    });

    it('is still named by what they made', async () => {
      const { id, client } = await createAccount(shop);
      const { body } = await client.post('/categories', { name: 'Bakery' }).expect(201);
      await admin.delete(`/users/${id}`).expect(204);
      await admin.get(`/categories/${body.id}`).expect(200, body);
      expect(body.created_by).toBe(id);
    });
  });

  it('are all in the list, those without a login included', async () => {
    const [active, inactive] = [await register(), await register()];
    const { body: deactivated } = await admin
      .patch(`/users/${inactive.id}`, { is_active: false })
      .expect(200);
    const { body } = await admin.get('/users').expect(200);
    expect(body).toEqual(expect.arrayContaining([active, deactivated]));
    expect(new Set((body as { id: number }[]).map(({ id }) => id)).size).toBe(body.length);
  });

  describe('of a role', () => {
    it.each(Object.values(Role))('are listed for an admin: %s', async (role) => {
      await register({ role });
      const { body: all } = await admin.get('/users').expect(200);
      const { body } = await admin.get(`/users?role=${role}`).expect(200);
      expect(body).toEqual((all as { role: Role }[]).filter((user) => user.role === role));
      expect(body.length).toBeLessThan(all.length);
    });

    it('are listed for a market owner where they are employees, as for an admin', async () => {
      const owner = shop.as(Role.MarketOwner);
      const employee = await register();
      const { body } = await owner.get('/users?role=employee').expect(200);
      expect(body).toContainEqual(employee);
      await admin.get('/users?role=employee').expect(200, body);
      const { body: paged, headers } = await owner.get('/users?role=employee&limit=1&sort=-id').expect(200);
      expect(paged).toEqual([employee]);
      expect(headers['x-total-count']).toBe(String(body.length));
      await admin.delete(`/users/${employee.id}`).expect(204);
      const after = await owner.get('/users?role=employee&include_deleted=false').expect(200);
      expect(after.body).not.toContainEqual(expect.objectContaining({ id: employee.id }));
      // Its list is remembered for the admin, who may see it.
      await admin.get('/users?role=employee&include_deleted=true').expect(200);
      await owner.get('/users?role=employee&include_deleted=true').expect(403);
    });

    it('are no other role than the three', async () => {
      const { body } = await admin.get('/users?role=boss').expect(422);
      expect(body.detail).toMatchObject([{ type: 'enum', loc: ['query', 'role'] }]);
      await shop.as(Role.MarketOwner).get('/users?role=boss').expect(403);
      await shop.as(Role.MarketOwner).get('/users?limit=0').expect(403);
      await shop.as(Role.MarketOwner).get('/users?role=employee&limit=0').expect(422);
    });
  });

  it('refuses a list whose include_deleted is no boolean', () =>
    admin.get('/users?include_deleted=maybe').expect(422, {
      detail: [
        {
          type: 'bool_parsing',
          loc: ['query', 'include_deleted'],
          msg: 'Input should be a valid boolean, unable to interpret input',
        },
      ],
    }));

  it('never show a password or its hash', async () => {
    const password = 'Sesame123Open';
    const values = { ...registration(), password };
    const { username } = values;
    const registered = await admin.post('/users/register', values).expect(201);
    const path = `/users/${registered.body.id}`;
    const answers = [
      registered,
      await admin.get(path).expect(200),
      await admin.get('/users').expect(200),
      await admin.patch(path, { password, full_name: 'Maria' }).expect(200),
      await shop.anonymous.post('/auth/login', { username, password }).expect(200),
      await (await shop.anonymous.login(username, password)).get('/auth/me').expect(200),
      await admin.post('/users/register', values).expect(409),
      await admin.delete(path).expect(204),
      await admin.get('/users?include_deleted=true').expect(200),
    ];
    for (const { text } of answers) expect(text).not.toMatch(/Sesame|\$2[aby]\$|password|credentials/i);
  });

  describe('the first thing wrong with a request decides the answer', () => {
    const broken = '{"email": ';
    const wrong = { email: 'not an address' };
    let adminPath: string;
    let takenEmail: string;

    beforeAll(async () => {
      const { body } = await admin.get('/auth/me').expect(200);
      adminPath = `/users/${body.id}`;
      takenEmail = body.email;
    });

    const sendText = (client: Client, path: string, text: string): PromiseLike<Response> =>
      client.patch(path).type('json').send(text);

    const expectAnswer = async (
      request: PromiseLike<Response>,
      status: number,
      detail: unknown,
    ): Promise<void> => {
      const answer = await request;
      expect(answer.status).toBe(status);
      expect(answer.body).toHaveProperty('detail', detail);
    };

    it('1. a body that is no JSON: 422, whoever sends it', () =>
      expectAnswer(sendText(shop.anonymous, '/users/abc', broken), 422, [
        { type: 'json_invalid', loc: ['body'], msg: 'JSON decode error' },
      ]));

    it('2. no access token: 401, whatever is in the body', () =>
      expectAnswer(shop.anonymous.patch('/users/abc', wrong), 401, 'Not authenticated'));

    it('3. the role: 403, whatever is in the path and the body', () =>
      expectAnswer(shop.as(Role.Employee).patch('/users/abc', wrong), 403, 'Your role does not allow this'));

    it.each(['abc', '1.5', '1e1', 'null'])('4. a path that names %j for an id: 422', (id) =>
      expectAnswer(shop.as(Role.MarketOwner).get(`/users/${id}`), 422, [
        {
          type: 'int_parsing',
          loc: ['path', 'user_id'],
          msg: 'Input should be a valid integer, unable to parse string as an integer',
        },
      ]),
    );

    it('4. a wrong body: 422, though there is no such user', () =>
      expectAnswer(shop.as(Role.MarketOwner).patch('/users/999999', wrong), 422, [
        { type: 'value_error', loc: ['body', 'email'], msg: 'value is not a valid email address' },
      ]));

    it('4. a wrong body: 422, though the market owner may not change this user', () =>
      expectAnswer(shop.as(Role.MarketOwner).patch(adminPath, wrong), 422, [
        { type: 'value_error', loc: ['body', 'email'], msg: 'value is not a valid email address' },
      ]));

    it.each(['999999', '0', '-1', '2147483648', '9'.repeat(30)])('5. no user %s: 404', (id) =>
      expectAnswer(shop.as(Role.MarketOwner).patch(`/users/${id}`, {}), 404, 'User not found'),
    );

    it('6. what this user is: 403, before the e-mail address that is taken', () =>
      expectAnswer(
        shop.as(Role.MarketOwner).patch(adminPath, { email: 'employee@shop.example' }),
        403,
        'You may not do this to this user',
      ));

    it('6. what others have: 409', async () => {
      const { id } = await register();
      await expectAnswer(
        shop.as(Role.MarketOwner).patch(`/users/${id}`, { email: takenEmail }),
        409,
        EMAIL_TAKEN.detail,
      );
    });

    it('registers no admin for a market owner: 403, before the e-mail address that is taken', () =>
      expectAnswer(
        shop
          .as(Role.MarketOwner)
          .post('/users/register', { ...registration(), email: takenEmail, role: 'admin' }),
        403,
        'Only an admin registers admins and market owners',
      ));
  });
});

describe('The last active admin', () => {
  let shop: Shop;
  let last: Client;
  let path: string;

  beforeEach(async () => {
    shop = await Shop.open();
    last = shop.as(Role.Admin);
    const { body } = await last.get('/auth/me').expect(200);
    path = `/users/${body.id}`;
    // Neither of these can take over.
    const inactive = await createAccount(shop, { role: Role.Admin });
    await last.patch(`/users/${inactive.id}`, { is_active: false }).expect(200);
    const deleted = await createAccount(shop, { role: Role.Admin });
    await last.delete(`/users/${deleted.id}`).expect(204);
  });

  afterEach(() => shop.close());

  it("can't be deleted", () => expectNoChange(last, () => last.delete(path).expect(409, LAST_ADMIN)));

  it.each([
    { role: 'market_owner' },
    { role: 'employee' },
    { is_active: false },
    { full_name: 'Not to be kept', password: 'Cappuccino4You', is_active: false },
  ])("can't get %j, and keeps password and session", async (changes) => {
    await expectNoChange(last, () => last.patch(path, changes).expect(409, LAST_ADMIN));
    await login(shop, ADMIN.username, ADMIN.password);
  });

  it('can get all else, role and activity unchanged', async () => {
    const changes = { full_name: 'The boss', role: 'admin', is_active: true };
    const { body } = await last.patch(path, changes).expect(200);
    expect(body).toMatchObject(changes);
  });

  it('is the one who remains of several admins that remove each other at once', async () => {
    const admins = await Promise.all(
      Array.from({ length: 4 }, () => createAccount(shop, { role: Role.Admin })),
    );
    await admins[0]?.client.patch(path, { is_active: false }).expect(200);
    const removals = admins.flatMap(({ client }) => [
      ...admins.map(({ id }) => client.patch(`/users/${id}`, { role: 'employee' })),
      ...admins.map(({ id }) => client.delete(`/users/${id}`)),
    ]);
    const statuses = (await race(shop.app, removals)).map(({ status }) => status);
    for (const status of statuses) expect([200, 204, 401, 403, 404, 409]).toContain(status);

    const remaining = await Promise.all(
      admins.map(({ client }) => client.get('/users').then(({ status }) => status === 200)),
    );
    expect(remaining.filter(Boolean)).toHaveLength(1);
  });

  it('may go once there is another one', async () => {
    const { client } = await createAccount(shop, { role: Role.Admin });
    await last.delete(path).expect(204);
    await client.get('/users').expect(200);
  });
});

async function everybody(admin: Client): Promise<unknown> {
  const { body } = await admin.get('/users?include_deleted=true').expect(200);
  return body;
}

/** Sends a request that is to be refused, and checks that it changed no user. */
async function expectNoChange(admin: Client, request: () => PromiseLike<unknown>): Promise<void> {
  const before = await everybody(admin);
  await request();
  expect(await everybody(admin)).toEqual(before);
}
