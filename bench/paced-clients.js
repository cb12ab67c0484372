import { setTimeout as sleep } from 'node:timers/promises';

const TIMEOUT_MS = 20_000;

/**
 * A request of a paced client; the path is below /api/v1.
 *
 * @typedef {object} PacedRequest
 * @property {string} origin
 * @property {string} [token] an access token
 * @property {'GET' | 'POST' | 'PATCH' | 'DELETE'} method
 * @property {string} path
 * @property {object} [body] sent as JSON
 * @property {number} expected the status that the response must have
 */

/**
 * Clients that send one request at a time over connections that stay open, and pause in between, as people at work do. Used by the
 * soak and by tests.
 */
export class PacedClients {
  requests = 0;
  /** @type {Promise<void>[]} */
  #running = [];
  #isOver = false;

  /**
   * @param {object} options
   * @param {number} options.pauseMs
   * @param {(message: string) => void} options.onFailure called for each unexpected response, and each request without one
   * @param {(origin: string) => boolean} [options.mayBreak] whether connections to an origin may break; such a request does not fail
   */
  constructor({ pauseMs, onFailure, mayBreak = () => false }) {
    this.pauseMs = pauseMs;
    this.onFailure = onFailure;
    this.mayBreak = mayBreak;
  }

  /**
   * Lets clients repeat their rounds until they are stopped.
   *
   * @param {number} clients
   * @param {(client: number, round: number) => Promise<void>} work a round; clients are counted from 0, rounds from 1
   */
  start(clients, work) {
    this.#running = Array.from({ length: clients }, async (_, client) => {
      for (let round = 1; !this.#isOver; round++) await work(client, round);
    });
  }

  /** Starts no further round, and waits for those that have begun. */
  async stop() {
    this.#isOver = true;
    await Promise.all(this.#running);
  }

  pause() {
    return sleep(this.pauseMs);
  }

  /**
   * Returns the body of the response, `null` if it has none; `undefined` if the response is not the one expected.
   *
   * @param {PacedRequest} request
   * @returns {Promise<unknown>}
   */
  async send({ origin, token, method, path, body, expected }) {
    this.requests++;
    try {
      const response = await fetch(`${origin}/api/v1${path}`, {
        method,
        headers: {
          ...(token && { Authorization: `Bearer ${token}` }),
          ...(body && { 'Content-Type': 'application/json' }),
        },
        ...(body && { body: JSON.stringify(body) }),
        signal: AbortSignal.timeout(TIMEOUT_MS),
      });
      const text = await response.text();
      /** @type {unknown} */
      const json = JSON.parse(text || 'null');
      if (response.status === expected) return json;
      this.onFailure(`${method} ${path}: ${response.status} ${text}`);
    } catch (error) {
      const { cause = error } = /** @type {Error} */ (error);
      if (!this.mayBreak(origin)) this.onFailure(`${method} ${path}: ${String(cause)}`);
    }
    return undefined;
  }
}
