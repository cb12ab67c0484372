import { spawn } from 'node:child_process';
import { once } from 'node:events';

export const ADMIN_PASSWORD = 'Benchmark 1';

/**
 * A server that the benchmark started: this program, or the floor.
 *
 * @typedef {object} Server
 * @property {string} url
 * @property {number} pid
 * @property {() => Promise<void>} stop
 */

/**
 * Starts the built program with production settings and waits until it serves.
 *
 * @param {string} databaseUrl
 * @param {NodeJS.ProcessEnv} [environment] settings beside these
 * @returns {Promise<Server>}
 */
export function startProgram(databaseUrl, environment = {}) {
  return startServer('dist/main.js', [], {
    NODE_ENV: 'production',
    HOST: '127.0.0.1',
    PORT: '0',
    SECRET_KEY: 'only for the benchmark, at least 32 characters',
    DATABASE_URL: databaseUrl,
    SEED_ADMIN: 'true',
    SEED_MOCK_DATA: 'true',
    ADMIN_PASSWORD,
    ...environment,
  });
}

/**
 * Starts a script that logs its URL when it is ready, and waits for that.
 *
 * @param {string} script
 * @param {string[]} args
 * @param {NodeJS.ProcessEnv} env
 * @returns {Promise<Server>}
 */
export async function startServer(script, args, env) {
  const child = spawn(process.execPath, [script, ...args], { env, stdio: ['ignore', 'pipe', 'inherit'] });
  const exited = once(child, 'exit');
  const url = await /** @type {Promise<string>} */ (
    new Promise((resolve, reject) => {
      let log = '';
      child.on('exit', () => {
        reject(new Error(`${script} did not start:\n${log}`));
      });
      child.stdout.setEncoding('utf8').on('data', (/** @type {string} */ text) => {
        log += text;
        const [, ready] = /is ready at (http:[^\s,]+)/.exec(log) ?? [];
        if (ready === undefined) return;
        // Read and discarded at once: this process shares the machine with what it measures.
        child.stdout.removeAllListeners('data').resume();
        resolve(ready);
      });
    })
  );
  const stop = async () => {
    child.kill('SIGKILL');
    await exited;
  };
  return { url, pid: Number(child.pid), stop };
}

/**
 * An access token of the admin.
 *
 * @param {string} url
 */
export async function logIn(url) {
  const body = new URLSearchParams({ username: 'admin', password: ADMIN_PASSWORD });
  const response = await fetch(`${url}/api/v1/auth/login`, { method: 'POST', body });
  const { access_token } = /** @type {{ access_token: string }} */ (await response.json());
  return access_token;
}
