import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fillInTemplate } from './fill-in-template.js';
import { findFreePort } from './free-port.js';
import { createTemporaryFolder } from './temporary-folder.js';
import { until } from './until.js';

/** From the project's folder. */
export const TEMPLATE = 'deploy/nginx.conf.template';

/** What nginx's own image puts around the template, with everything that is written inside one folder. */
const SURROUNDINGS = `
worker_processes 2;
pid nginx.pid;
error_log error.log error;
events { worker_connections 1024; }
http {
  access_log off;
  ${['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((name) => `${name}_temp_path ${name};`).join('\n  ')}
  include site.conf;
}
`;

/** nginx in front of two replicas, as in compose.yaml, in a process of its own. */
export class LoadBalancer {
  private constructor(
    readonly origin: string,
    private readonly process: ChildProcess,
    private readonly folder: string,
  ) {}

  /** @param replicas where they listen, as host:port */
  static async start(replicas: { REPLICA_1: string; REPLICA_2: string }): Promise<LoadBalancer> {
    const LISTEN = `127.0.0.1:${await findFreePort()}`;
    const folder = await createTemporaryFolder();
    // For nginx's workers, which are nobody where it is started by root.
    await chmod(folder, 0o755);
    await writeFile(join(folder, 'nginx.conf'), SURROUNDINGS);
    await writeFile(join(folder, 'site.conf'), fillInTemplate(TEMPLATE, { LISTEN, ...replicas }));
    const nginx = spawn('nginx', ['-p', folder, '-c', 'nginx.conf', '-e', 'stderr', '-g', 'daemon off;'], {
      stdio: ['ignore', 'inherit', 'inherit'],
      env: { PATH: `${process.env.PATH ?? ''}:/usr/sbin` },
    });
    await once(nginx, 'spawn');
    const origin = `http://${LISTEN}`;
    await until(() => nginx.exitCode !== null || answers(origin));
    if (nginx.exitCode !== null) throw new Error('nginx refuses its configuration, or its port');
    return new LoadBalancer(origin, nginx, folder);
  }

  /** What nginx says of requests that it had sent to a replica and that were not answered: some it could send again. */
  async unanswered(): Promise<string[]> {
    const log = await readFile(join(this.folder, 'error.log'), 'utf8');
    return log.split('\n').filter((line) => line.includes('upstream') && !line.includes('connect() failed'));
  }

  async stop(): Promise<void> {
    if (this.process.exitCode === null) {
      this.process.kill('SIGTERM');
      await once(this.process, 'exit');
    }
  }
}

function answers(url: string): Promise<boolean> {
  return fetch(url).then(
    () => true,
    () => false,
  );
}
