import type { FastifyInstance } from 'fastify';
import { rowTag } from './entity-tag.js';
import { answerTagged } from './not-modified.js';
import { stateShownBy } from './row-states.js';

/**
 * Tags every answer that shows a row with the state of it, which the handler has read, and checked for who may see it.
 * A hook and no interceptor, which costs each request more than reading the row does.
 */
export function tagRows(server: FastifyInstance): void {
  server.addHook('preSerialization', (request, reply, answer, done) => {
    const state = stateShownBy(answer);
    // What has not changed is not written out either.
    if (state && answerTagged(rowTag(state), request, reply)) reply.serializer(() => '');
    done(null, answer);
  });
}
