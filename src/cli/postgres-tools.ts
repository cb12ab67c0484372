import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { pipeline } from 'node:stream/promises';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { type DataSource } from 'typeorm';
import { type PostgresLocation, TARGET_PARAMETER } from '../platform/config/database-url.js';

type Tool = 'pg_dump' | 'pg_restore' | 'psql';

/**
 * Runs PostgreSQL's backup tools against a server. Passes the password in the environment, because everyone on the machine can
 * see arguments.
 */
export class PostgresTools {
  private readonly url: string;
  private readonly environment: NodeJS.ProcessEnv;

  constructor(
    { url, servers }: PostgresLocation,
    private readonly signal: AbortSignal,
  ) {
    const location = new URL(url);
    if (servers) {
      // In libpq, parameters come before what stands in front of the path, which can't be several hosts in a `URL`.
      const hosts = servers.urls.map((each) => new URL(each));
      const names = hosts.map(({ hostname }) => decodeURIComponent(hostname).replace(/^\[(.*)\]$/, '$1'));
      location.searchParams.set('host', names.join());
      location.searchParams.set('port', hosts.map(({ port }) => port || '5432').join());
      location.searchParams.set(TARGET_PARAMETER, servers.target);
    }
    const password = location.searchParams.get('password') ?? decodeURIComponent(location.password);
    location.password = '';
    location.searchParams.delete('password');
    // Only `pg` knows this parameter. libpq rejects unknown ones.
    location.searchParams.delete('uselibpqcompat');
    this.url = location.href;
    this.environment = password ? { ...process.env, PGPASSWORD: password } : process.env;
  }

  /** @throws Error when one of the tools is missing or older than the server */
  async assertFit(dataSource: DataSource, ...tools: Tool[]): Promise<void> {
    const [row] = await dataSource.query<{ server_version_num: string }[]>('show server_version_num');
    const server = Math.floor(Number(row?.server_version_num) / 10_000);
    for (const tool of tools) {
      const [, version] = /\) (\d+)/.exec(await this.run(tool, ['--version'])) ?? [];
      if (Number(version) >= server) continue;
      throw new Error(
        `${tool} ${version ?? ''} is older than the server: install the package postgresql-client-${server}.`,
      );
    }
  }

  async dump(file: string): Promise<void> {
    await this.run('pg_dump', ['--no-password', '--format=custom', `--file=${file}`, `--dbname=${this.url}`]);
  }

  /**
   * Reads a dump completely.
   *
   * @returns the names of the migrations in the dump; empty when it is not from this program
   * @throws Error when the dump is damaged
   */
  async verify(file: string): Promise<string[]> {
    await this.run('pg_restore', ['--file=/dev/null', file]).catch((error: unknown) => {
      this.signal.throwIfAborted();
      throw new Error(`${file} can't be read: ${(error as Error).message}`, { cause: error });
    });
    const only = ['--data-only', '--schema=public', '--table=migrations'];
    const script = await this.run('pg_restore', [...only, '--file=-', file]);
    const [, rows = ''] =
      /^COPY public\.migrations \(id, "timestamp", name\) FROM stdin;\n(.*?)^\\\.$/ms.exec(script) ?? [];
    return rows.split('\n').flatMap((row) => row.split('\t')[2] ?? []);
  }

  /**
   * Restores a dump, with scripts before and after it in the same session.
   *
   * @param check a script that runs after the dump and prints one line
   * @param decide returns the last script, given that line; when it throws, the session ends without the last script
   */
  async restore(
    file: string,
    before: string,
    check: string,
    decide: (line: string) => string,
  ): Promise<void> {
    const options = ['--no-password', '--no-psqlrc', '--quiet', '--set=ON_ERROR_STOP=1', '--file=-'];
    options.push('--tuples-only', '--no-align');
    const psql = this.start('psql', [...options, `--dbname=${this.url}`]);
    const script = this.start('pg_restore', [
      '--schema=public',
      '--no-owner',
      '--no-privileges',
      '--file=-',
      file,
    ]);
    psql.stdin.on('error', () => undefined);
    const restored = this.outcome('psql', psql);
    const written = (async () => {
      psql.stdin.write(before);
      await Promise.all([
        pipeline(script.stdout, psql.stdin, { end: false }),
        this.outcome('pg_restore', script),
      ]);
      const marker = randomUUID();
      psql.stdin.write(`select '${marker}';\n${check}\nselect '${marker}';\n`);
      psql.stdin.write(decide(await outputBetween(marker, psql.stdout)));
    })().finally(() => psql.stdin.end());
    // When psql fails, writing to it fails too. The error of psql says more.
    const [psqlResult, writeResult] = await Promise.allSettled([restored, written]);
    if (psqlResult.status === 'rejected') throw psqlResult.reason as Error;
    if (writeResult.status === 'rejected') throw writeResult.reason as Error;
  }

  private async run(tool: Tool, options: string[]): Promise<string> {
    const child = this.start(tool, options);
    const [output] = await Promise.all([text(child.stdout), this.outcome(tool, child)]);
    return output;
  }

  private start(tool: Tool, options: string[]) {
    return spawn(tool, options, { env: this.environment, signal: this.signal });
  }

  private async outcome(tool: Tool, child: ChildProcess): Promise<void> {
    let output = '';
    child.stderr?.setEncoding('utf8').on('data', (data: string) => (output += data));
    try {
      const [code] = (await once(child, 'close')) as [number | null];
      if (code === 0) return;
    } catch (error) {
      this.signal.throwIfAborted();
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
      throw new Error(`${tool} is missing: install the package postgresql-client.`, { cause: error });
    }
    const lines = output.trim().split('\n');
    throw new Error(lines.find((line) => /error:|fatal:/i.test(line)) ?? lines.at(-1) ?? `${tool} failed`);
  }
}

/** Returns the output of psql between two marker lines. */
async function outputBetween(marker: string, output: Readable): Promise<string> {
  let received = '';
  for await (const data of output.setEncoding('utf8')) {
    received += data as string;
    const [, found, ...rest] = received.split(`${marker}\n`);
    if (found !== undefined && rest.length > 0) return found.trim();
  }
  throw new Error('psql ended early');
}
