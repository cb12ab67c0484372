import type { FastifyInstance } from 'fastify';
import { CodedException } from '../errors/coded.exception.js';

/** `uri-host [":" port]`, where the host may be empty (RFC 3986, sections 3.2.2 and 3.2.3). */
const HOST =
  /^(?:\[(?:[\da-f:.]+|v[\da-f]+\.[\w.~!$&'()*+,;=:-]+)\]|(?:[\w.~!$&'()*+,;=-]|%[\da-f]{2})*)(?::\d*)?$/i;

/**
 * Answers 400 to a request that doesn't say which host it is for, says it twice, or names none that can be (RFC 9112,
 * section 3.2), and closes its connection: a proxy in front may have understood another host. Node.js would send its own 400
 * for the first of these, and take the first of two.
 */
export function requireHost(server: FastifyInstance): void {
  server.addHook('onRequest', ({ raw }, reply, done) => {
    const { host } = raw.headers;
    const isValid =
      host === undefined ? raw.httpVersion === '1.0' : HOST.test(host) && hasOneHost(raw.rawHeaders);
    if (isValid) {
      done();
      return;
    }
    void reply.header('connection', 'close');
    done(new CodedException(400, 'bad_request', 'The request needs one valid Host header'));
  });
}

/** @param rawHeaders names and values in turn, as Node.js has them */
function hasOneHost(rawHeaders: string[]): boolean {
  let count = 0;
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index] as string;
    if (name.length === 4 && name.toLowerCase() === 'host') count++;
  }
  return count === 1;
}
