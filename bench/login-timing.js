import { mkdtemp, rm } from 'node:fs/promises';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { ADMIN_PASSWORD, startProgram } from './program.js';
import { median } from './statistics.js';

/**
 * Whether the time of a failed login reveals that there is such a user: the medians of an unknown user, a wrong password,
 * and a wrong password of a deactivated account, in alternation on one machine, and how far the slowest is from the fastest.
 *
 *   npm run bench:login-timing
 */
const TRIES = Number(process.env.BENCH_TRIES ?? 100);
const USERNAMES = { 'unknown user': 'nobody', 'wrong password': 'admin', 'deactivated user': 'former' };

const folder = await mkdtemp(join(tmpdir(), 'stock-tracker-bench-'));
const program = await startProgram(`sqlite:///${join(folder, 'stock.db')}`, {
  SEED_MOCK_DATA: 'false',
  RATE_LIMIT_ENABLED: 'false',
});
try {
  await measure(program.url);
} finally {
  await program.stop();
  await rm(folder, { recursive: true });
}

/** @param {string} url */
async function measure(url) {
  await deactivate(url, USERNAMES['deactivated user']);
  /** @type {Record<string, number[]>} */
  const times = Object.fromEntries(Object.keys(USERNAMES).map((kind) => [kind, []]));
  // The first round warms up the workers and does not count.
  for (let round = 0; round <= TRIES; round++) {
    for (const [kind, username] of Object.entries(USERNAMES)) {
      const started = performance.now();
      const { status } = await post(url, '/auth/login', { username, password: 'Wrong4Sure' });
      if (status !== 401) throw new Error(`A login of the ${kind} was answered with ${status}`);
      if (round > 0) times[kind]?.push(performance.now() - started);
    }
  }
  const medians = Object.values(times).map(median);
  console.log(
    `${cpus()[0]?.model}, Node ${process.version}, ${TRIES} tries of each in alternation, ${new Date().toISOString()}`,
  );
  console.table(
    Object.fromEntries(
      Object.keys(times).map((kind, index) => [kind, { 'median ms': medians[index]?.toFixed(2) }]),
    ),
  );
  console.log(`slowest / fastest: ${(Math.max(...medians) / Math.min(...medians)).toFixed(4)}`);
}

/**
 * @param {string} url
 * @param {string} username of an account that is created for this
 */
async function deactivate(url, username) {
  const login = await post(url, '/auth/login', { username: 'admin', password: ADMIN_PASSWORD });
  const { access_token } = /** @type {{ access_token: string }} */ (await login.json());
  const account = { username, email: `${username}@shop.example`, password: ADMIN_PASSWORD };
  const registered = await post(url, '/users/register', account, access_token);
  const { id } = /** @type {{ id: number }} */ (await registered.json());
  const changed = await fetch(`${url}/api/v1/users/${id}`, {
    method: 'PATCH',
    headers: { 'Content-Type': 'application/json', Authorization: `Bearer ${access_token}` },
    body: JSON.stringify({ is_active: false }),
  });
  if (!changed.ok) throw new Error(`Deactivating was answered with ${changed.status}`);
}

/**
 * @param {string} url
 * @param {string} path
 * @param {object} body
 * @param {string} [accessToken]
 */
function post(url, path, body, accessToken) {
  return fetch(`${url}/api/v1${path}`, {
    method: 'POST',
    headers: {
      'Content-Type': 'application/json',
      ...(accessToken && { Authorization: `Bearer ${accessToken}` }),
    },
    body: JSON.stringify(body),
  });
}
