import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client as Postgres } from 'pg';
import { Client } from '../support/client.js';
import { startCommand } from '../support/command.js';
import { PostgresBalancer } from '../support/postgres-balancer.js';
import { hasPostgresPrograms, PostgresPair } from '../support/postgres-pair.js';
import { Program } from '../support/program.js';
import { ADMIN } from '../support/shop.js';
import { canMakeNetworks, SilentNetwork } from '../support/silent-network.js';
import { createTemporaryFolder } from '../support/temporary-folder.js';
import { Tills } from '../support/tills.js';
import { until } from '../support/until.js';

const { TEST_DATABASE_URL, SECRET_KEY = '' } = process.env;
const TILLS = 4;
const DELIVERERS = 4;
/** Which no till sells. */
const DELIVERED_ITEM = 9;
/** Acknowledged by tills and deliverers before a server fails, and again after it. */
const WRITES = 200;
/** Until somebody, or Patroni, has noticed and decides. */
const DECISION_MS = 1_500;
/** Longer than a silent connection is waited for, on a slow machine. */
const BACK_MS = 60_000;

// Servers of its own, and only where the other tests are about PostgreSQL too.
const describeFailover = TEST_DATABASE_URL && hasPostgresPrograms() ? describe : describe.skip;
const inNetwork = canMakeNetworks() ? it : it.skip;

describeFailover('A PostgreSQL server that fails (with TEST_DATABASE_URL and Debian’s PostgreSQL)', () => {
  let pair: PostgresPair;
  let network: SilentNetwork | undefined;
  let balancer: PostgresBalancer | undefined;
  let program: Program;
  let workload: Workload;

  const balanced = () => balancer?.url ?? '';
  const listed = () => {
    const { primary, standby } = pair;
    const hosts = [primary, standby].map(({ host, port }) => `${host}:${port}`);
    return `postgresql://postgres@${hosts.join(',')}/postgres?target_session_attrs=read-write`;
  };

  afterEach(async () => {
    await Program.endAll();
    await balancer?.stop();
    await pair.stop();
    network?.remove();
    network = balancer = undefined;
  });

  const startProgram = async (url: string) =>
    new Program(await createTemporaryFolder(), {
      SECRET_KEY,
      DATABASE_URL: url,
      RATE_LIMIT_ENABLED: 'false',
      SEED_ADMIN: 'true',
      SEED_MOCK_DATA: 'true',
    });

  const start = async (urlOf: () => string) => {
    pair = await PostgresPair.start(network);
    balancer = await PostgresBalancer.start(pair.primary, pair.standby);
    await until(() => alwaysReachesPrimary(balanced()));
    program = await startProgram(urlOf());
    const { origin } = await program.ready;
    const { accessToken = '' } = await new Client(origin).login(ADMIN.username, ADMIN.password);
    workload = new Workload(origin, accessToken);
    await workload.start();
    await workload.goOn();
  };

  /** The other server takes over, and all that was acknowledged is there once. */
  const failOver = async (name: string) => {
    await sleep(DECISION_MS);
    expect(await readiness()).toBe(503);
    await pair.promote();
    const promoted = performance.now();
    await workload.goOn(1);
    process.stdout.write(
      `| ${name} | writes again ${((performance.now() - promoted) / 1000).toFixed(1)} s after the promotion |\n`,
    );
    await workload.goOn();
    expect(await readiness()).toBe(200);
    await workload.end();
    expect(await workload.disagreements()).toEqual([]);
    const { stdout } = await startCommand('ledger:verify', [], { DATABASE_URL: pair.standby.url }).ended;
    expect(stdout).toContain('Valid');
  };

  const readiness = async () => (await fetch(`${(await program.ready).origin}/health/ready`)).status;

  it.each([
    ['HAProxy', balanced],
    ['several hosts in DATABASE_URL', listed],
  ])('and is killed loses nothing that was acknowledged, with %s', async (name, urlOf) => {
    await start(urlOf);
    await pair.primary.kill();
    await failOver(`killed, ${name}`);
  });

  inNetwork.each([
    ['HAProxy', balanced],
    ['several hosts in DATABASE_URL', listed],
  ])('and vanishes without a word loses nothing that was acknowledged, with %s', async (name, urlOf) => {
    network = new SilentNetwork();
    await start(urlOf);
    network.silence();
    await failOver(`silent, ${name}`);
  });

  it('and is the standby is gone on without', async () => {
    await start(listed);
    await pair.standby.kill();
    await sleep(DECISION_MS);
    await pair.goOnAlone();
    await workload.goOn();
    expect(await readiness()).toBe(200);
    await workload.end();
    expect(await workload.disagreements()).toEqual([]);
  });

  it('and leaves only a standby to a program that starts is waited for', async () => {
    pair = await PostgresPair.start();
    program = await startProgram(pair.standby.url);
    await until(() => program.stdout.includes('60 s at most: its server can only be read'));
    await pair.primary.kill();
    await pair.promote();
    await program.ready;
    expect(await readiness()).toBe(200);
  });
});

/** Tills, a person who closes the day, and deliveries, which all send again what was not answered. */
class Workload {
  private readonly tills: Tills;
  private delivered = 0;
  private before = 0;
  private isOver = false;
  private deliverers: Promise<void>[] = [];

  constructor(
    private readonly origin: string,
    private readonly accessToken: string,
  ) {
    this.tills = new Tills(origin, accessToken, { isPatient: true });
  }

  async start(): Promise<void> {
    await this.tills.stockUp();
    this.before = await this.quantity();
    this.tills.start(TILLS);
    this.deliverers = Array.from({ length: DELIVERERS }, () => this.deliver());
  }

  /** Waits until more is acknowledged. */
  async goOn(writes = WRITES): Promise<void> {
    const [sold, delivered] = [this.tills.acknowledged, this.delivered];
    await until(
      () =>
        this.tills.failures.length > 0 ||
        (this.tills.acknowledged >= sold + writes && this.delivered >= delivered + writes),
      BACK_MS,
    );
    expect(this.tills.failures).toEqual([]);
  }

  async end(): Promise<void> {
    this.isOver = true;
    await Promise.all([this.tills.stop(), ...this.deliverers]);
  }

  async disagreements(): Promise<string[]> {
    const found = [...this.tills.failures, ...(await this.tills.disagreements())];
    const arrived = (await this.quantity()) - this.before;
    if (arrived !== this.delivered) found.push(`${this.delivered} were delivered, and ${arrived} arrived`);
    return found;
  }

  private async deliver(): Promise<void> {
    while (!this.isOver) {
      const key = randomUUID();
      while ((await this.send(key)) !== 201) await sleep(50);
      this.delivered++;
    }
  }

  private async send(key: string): Promise<number> {
    const response = await fetch(`${this.origin}/api/v1/stock/${DELIVERED_ITEM}/movements`, {
      method: 'POST',
      headers: {
        Authorization: `Bearer ${this.accessToken}`,
        'Content-Type': 'application/json',
        'Idempotency-Key': key,
      },
      body: JSON.stringify({ delta: 1, reason: 'delivery' }),
    });
    await response.arrayBuffer();
    return response.status;
  }

  private async quantity(): Promise<number> {
    const response = await fetch(`${this.origin}/api/v1/stock/${DELIVERED_ITEM}`, {
      headers: { Authorization: `Bearer ${this.accessToken}` },
    });
    return ((await response.json()) as { quantity: number }).quantity;
  }
}

/** HAProxy takes both servers for usable, and their turns, until its first checks have failed. */
async function alwaysReachesPrimary(url: string): Promise<boolean> {
  for (let connection = 0; connection < 4; connection++) if (!(await reachesPrimary(url))) return false;
  return true;
}

async function reachesPrimary(url: string): Promise<boolean> {
  const client = new Postgres({ connectionString: url, connectionTimeoutMillis: 2_000 });
  client.on('error', () => undefined);
  try {
    await client.connect();
    const { rows } = await client.query<{ is_standby: boolean }>('select pg_is_in_recovery() as is_standby');
    return rows[0]?.is_standby === false;
  } catch {
    return false;
  } finally {
    await client.end().catch(() => undefined);
  }
}
