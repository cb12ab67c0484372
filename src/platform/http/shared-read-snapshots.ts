import type { FastifyInstance } from 'fastify';
import type { Database } from '../database/database.js';

/** Requests that arrive together share a read snapshot. Goes before all other hooks, because those may keep a request waiting. */
export function shareReadSnapshots(server: FastifyInstance, database: Database): void {
  server.addHook('onRequest', (_request, _reply, done) => {
    database.shareReadSnapshot();
    done();
  });
}
