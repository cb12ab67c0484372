import type { FastifyInstance } from 'fastify';
import { CodedException } from '../errors/coded.exception.js';

/** `uri-host [":" port]`, where the host may be empty (RFC 3986, sections 3.2.2 and 3.2.3). */
const HOST =
  /^(?:\[(?:[\da-f:.]+|v[\da-f]+\.[\w.~!$&'()*+,;=:-]+)\]|(?:[\w.~!$&'()*+,;=-]|%[\da-f]{2})*)(?::\d*)?$/i;

/**
 * Responds 400 to a request with no, two or an invalid `Host` header (RFC 9112, section 3.2), and closes the connection,
 * because a proxy in front may have understood another host. Node.js would send its own 400 for a missing header, and accept
 * the first of two.
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

/** @param rawHeaders names and values alternating, as in Node.js */
function hasOneHost(rawHeaders: string[]): boolean {
  let count = 0;
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index] as string;
    if (name.length === 4 && name.toLowerCase() === 'host') count++;
  }
  return count === 1;
}
