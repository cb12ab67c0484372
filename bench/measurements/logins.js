import { logIn } from '../program.js';
import { measureLoad } from './load.js';

const LOGINS_PER_SECOND = 10;

/**
 * As many logins as there can be, from so many clients at the same time.
 *
 * @type {import('../runner.js').Measurement}
 */
export async function measureLogins({ program, seconds }, { clients = 1 }) {
  const end = performance.now() + seconds * 1000;
  let count = 0;
  const logInAgain = async () => {
    for (; performance.now() < end; count++) await logIn(program.url);
  };
  await Promise.all(Array.from({ length: clients }, logInAgain));
  return { perSecond: count / seconds };
}

/**
 * The load of the scenario's requests, while there are {@link LOGINS_PER_SECOND}.
 *
 * @type {import('../runner.js').Measurement}
 */
export async function measureLoadDuringLogins(shop, scenario) {
  /** @type {Promise<unknown>[]} */
  const logins = [];
  const timer = setInterval(() => logins.push(logIn(shop.program.url)), 1000 / LOGINS_PER_SECOND);
  try {
    return await measureLoad(shop, scenario);
  } finally {
    clearInterval(timer);
    await Promise.all(logins);
  }
}
