import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { appendFile, chmod } from 'node:fs/promises';
import { join } from 'node:path';
import { Client } from 'pg';
import { findFreePort } from './free-port.js';
import type { SilentNetwork } from './silent-network.js';
import { createTemporaryFolder } from './temporary-folder.js';
import { until } from './until.js';

const VERSIONS = '/usr/lib/postgresql';

/** Servers refuse to run as root. */
const USER = process.getuid?.() === 0 ? { uid: idOf('-u'), gid: idOf('-g') } : {};

/** Whether Debian's packages of PostgreSQL are installed. */
export function hasPostgresPrograms(): boolean {
  return programs() !== undefined;
}

/** A PostgreSQL server in a process of its own. */
export class PostgresServer {
  private constructor(
    readonly folder: string,
    readonly host: string,
    readonly port: number,
    private readonly process: ChildProcess,
  ) {}

  /** @param wrapper a command that becomes the server, which follows as its arguments */
  static async start(folder: string, host: string, wrapper: string[] = []): Promise<PostgresServer> {
    const port = await findFreePort();
    const options = ['-D', folder, '-p', String(port), '-c', `listen_addresses=${host}`, '-k', folder];
    const [command = '', ...parts] = [...wrapper, pathOf('postgres'), ...options];
    // What comes before the server itself may need to be root.
    const user = wrapper.length > 0 ? {} : USER;
    const child = spawn(command, parts, { stdio: 'ignore', ...user });
    await once(child, 'spawn');
    const server = new PostgresServer(folder, host, port, child);
    await until(async () => {
      if (child.exitCode !== null) throw new Error('PostgreSQL does not start');
      return server.query('select 1').then(
        () => true,
        () => false,
      );
    });
    return server;
  }

  get url(): string {
    return `postgresql://postgres@${this.host}:${this.port}/postgres`;
  }

  async query<Row>(statement: string): Promise<Row[]> {
    const client = new Client({ connectionString: this.url, connectionTimeoutMillis: 2_000 });
    client.on('error', () => undefined);
    await client.connect();
    try {
      return (await client.query(statement)).rows as Row[];
    } finally {
      await client.end();
    }
  }

  /** Ends all its processes at once, as a power cut does. */
  async kill(): Promise<void> {
    if (this.process.exitCode !== null || this.process.signalCode !== null) return;
    const pid = Number(readFileSync(join(this.folder, 'postmaster.pid'), 'utf8').split('\n')[0]);
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ');
    const exited = once(this.process, 'exit');
    for (const id of [pid, ...children.map(Number)]) killIfThere(id);
    await exited;
  }
}

/** A primary, and a standby to which each commit goes before it is acknowledged. */
export class PostgresPair {
  private constructor(
    readonly primary: PostgresServer,
    readonly standby: PostgresServer,
  ) {}

  /** @param network where the primary is alone, if it is not on this machine's own */
  static async start(network?: SilentNetwork): Promise<PostgresPair> {
    const folder = await createTemporaryFolder();
    await chmod(folder, 0o755);
    const [first, second] = [join(folder, 'first'), join(folder, 'second')];
    for (const own of [first, second]) {
      mkdirSync(own, { mode: 0o700 });
      if (USER.uid !== undefined) chownSync(own, USER.uid, USER.gid);
    }
    run('initdb', '-D', first, '-U', 'postgres', '-A', 'trust', '--no-sync');
    await appendFile(join(first, 'pg_hba.conf'), 'host all,replication all samenet trust\n');
    const primary = await PostgresServer.start(
      first,
      network?.address ?? '127.0.0.1',
      network
        ? [...network.wrapper, 'setpriv', '--reuid=postgres', '--regid=postgres', '--clear-groups']
        : [],
    );
    await primary.query('create role haproxy login');
    const { host, port } = primary;
    const source = `host=${host} port=${port} user=postgres application_name=standby`;
    run('pg_basebackup', '-D', second, '-R', '-X', 'stream', '--checkpoint=fast', '--no-sync', '-d', source);
    const standby = await PostgresServer.start(second, '127.0.0.1');
    await primary.query(`alter system set synchronous_standby_names = '*'`);
    await primary.query('select pg_reload_conf()');
    await until(async () => {
      const states = await primary.query<{ sync_state: string }>(
        'select sync_state from pg_stat_replication',
      );
      return states.some(({ sync_state }) => sync_state === 'sync');
    });
    return new PostgresPair(primary, standby);
  }

  /** Makes the standby the primary, as Patroni does when the primary is gone. */
  async promote(): Promise<void> {
    await this.standby.query('select pg_promote(true, 30)');
  }

  /** Lets the primary go on alone, as Patroni does when the standby is gone. */
  async goOnAlone(): Promise<void> {
    // Its own commit would wait for the standby, too.
    await this.primary.query(`alter system set synchronous_standby_names = ''`);
    await this.primary.query('select pg_reload_conf()');
  }

  async stop(): Promise<void> {
    await Promise.all([this.primary.kill(), this.standby.kill()]);
  }
}

function programs(): string | undefined {
  try {
    const versions = readdirSync(VERSIONS)
      .map(Number)
      .sort((one, other) => other - one);
    return versions[0] === undefined ? undefined : join(VERSIONS, String(versions[0]), 'bin');
  } catch {
    return undefined;
  }
}

function pathOf(program: string): string {
  return join(programs() ?? '', program);
}

function run(program: string, ...options: string[]): void {
  execFileSync(pathOf(program), options, { stdio: ['ignore', 'ignore', 'pipe'], cwd: '/', ...USER });
}

function idOf(option: '-u' | '-g'): number {
  return Number(execFileSync('id', [option, 'postgres'], { encoding: 'utf8' }));
}

function killIfThere(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
