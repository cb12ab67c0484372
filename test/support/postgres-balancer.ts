import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fillInTemplate } from './fill-in-template.js';
import { findFreePort } from './free-port.js';
import { createTemporaryFolder } from './temporary-folder.js';
import type { PostgresServer } from './postgres-pair.js';

/** HAProxy in front of two PostgreSQL servers, in a process of its own. */
export class PostgresBalancer {
  private constructor(
    readonly port: number,
    private readonly process: ChildProcess,
  ) {}

  static async start(first: PostgresServer, second: PostgresServer): Promise<PostgresBalancer> {
    const port = await findFreePort();
    const file = join(await createTemporaryFolder(), 'haproxy.cfg');
    const [SERVER_1, SERVER_2] = [first, second].map(({ host, port }) => `${host}:${port}`) as [
      string,
      string,
    ];
    const values = { LISTEN: `127.0.0.1:${port}`, SERVER_1, SERVER_2 };
    await writeFile(file, fillInTemplate('deploy/haproxy.cfg.template', values));
    const child = spawn('haproxy', ['-db', '-f', file], {
      stdio: ['ignore', 'ignore', 'ignore'],
      env: { PATH: `${process.env.PATH ?? ''}:/usr/sbin` },
    });
    await once(child, 'spawn');
    return new PostgresBalancer(port, child);
  }

  get url(): string {
    return `postgresql://postgres@127.0.0.1:${this.port}/postgres`;
  }

  async stop(): Promise<void> {
    if (this.process.exitCode !== null) return;
    this.process.kill('SIGTERM');
    await once(this.process, 'exit');
  }
}
