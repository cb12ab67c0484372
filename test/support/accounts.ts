import { Role } from '../../src/platform/authorization/role.js';
import { Client } from './client.js';
import { PASSWORD, type Shop } from './shop.js';

export interface Registration {
  username: string;
  email: string;
  password: string;
  role: Role;
}

/** A user of a test's own with one session, so that the test may end either. */
export interface Account extends Registration {
  id: number;
  refreshToken: string;
  client: Client;
}

export interface LoginAnswer {
  access_token: string;
  refresh_token: string;
}

let count = 0;

/** What registers a user whom nobody else in the test file is. */
export function registration(values: Partial<Registration> = {}): Registration {
  const username = `somebody_${++count}`;
  return { username, email: `${username}@shop.example`, password: PASSWORD, role: Role.Employee, ...values };
}

export async function createAccount(shop: Shop, values: Partial<Registration> = {}): Promise<Account> {
  const registered = registration(values);
  const { body } = await shop.as(Role.Admin).post('/users/register', registered).expect(201);
  const { access_token, refresh_token } = await login(shop, registered.username, registered.password);
  return {
    ...registered,
    id: body.id,
    refreshToken: refresh_token,
    client: new Client(shop.url, access_token),
  };
}

export async function login(shop: Shop, username: string, password: string): Promise<LoginAnswer> {
  const { body } = await shop.anonymous.post('/auth/login', { username, password }).expect(200);
  return body;
}
