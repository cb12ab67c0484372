import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { Role } from '../../src/platform/authorization/role.js';
import { startApp } from './app.js';
import { Client } from './client.js';
import { createTemporaryDatabase, type TemporaryDatabase } from './temporary-database.js';

export const ADMIN = { username: 'admin', password: 'Admin1234!' };
export const PASSWORD = 'Espresso2Go';

/** The production program on a database of its own, listening on a free port, with one user logged in for each role. */
export class Shop {
  private readonly clients = new Map<Role, Client>();

  private constructor(
    readonly app: NestFastifyApplication,
    readonly url: string,
    private readonly database: TemporaryDatabase,
  ) {}

  /** @param environment variables on top of test/support/environment.ts; mock data only where it is asked for */
  static async open(environment: Record<string, string> = {}, given?: TemporaryDatabase): Promise<Shop> {
    const database = given ?? (await createTemporaryDatabase());
    const { app, client } = await startApp(database, { SEED_MOCK_DATA: 'false', ...environment });
    const shop = new Shop(app, client.url, database);
    await shop.employ();
    return shop;
  }

  get databaseUrl(): string {
    return this.database.url;
  }

  /** A caller without an access token. */
  get anonymous(): Client {
    return new Client(this.url);
  }

  as(role: Role): Client {
    const client = this.clients.get(role);
    if (!client) throw new Error(`Nobody is logged in as ${role}`);
    return client;
  }

  async close(): Promise<void> {
    await this.app.close();
    await this.database.drop();
  }

  private async employ(): Promise<void> {
    const admin = await this.anonymous.login(ADMIN.username, ADMIN.password);
    this.clients.set(Role.Admin, admin);
    for (const role of [Role.MarketOwner, Role.Employee]) {
      await admin
        .post('/users/register', { username: role, email: `${role}@shop.example`, password: PASSWORD, role })
        .expect(201);
      this.clients.set(role, await this.anonymous.login(role, PASSWORD));
    }
  }
}
