import type { FastifyInstance } from 'fastify';
import type { Database } from '../database/database.js';

/**
 * Has requests that arrive together read the database at one moment, later than when they were sent. Goes before all other
 * hooks, as those may keep a request waiting.
 */
export function shareReadSnapshots(server: FastifyInstance, database: Database): void {
  server.addHook('onRequest', (_request, _reply, done) => {
    database.shareReadSnapshot();
    done();
  });
}
