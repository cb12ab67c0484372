import type { IncomingMessage, ServerResponse } from 'node:http';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { POOL_SIZE } from '../../src/platform/database/data-source-options.js';
import { Database } from '../../src/platform/database/database.js';

type Handler = (request: IncomingMessage, response: ServerResponse) => void;

/**
 * Sends requests at once, and lets the app see the first of them only when the last has arrived. Else they can come one after
 * the other: on SQLite a request is often answered before Node.js has read the next.
 *
 * @param requests start when they are awaited, as those of a client do, or have started already
 * @param arrivals how many of them the app waits for: fewer when some go to another app
 * @returns their responses, in the order of the requests
 */
export async function race<T extends readonly unknown[] | []>(
  app: NestFastifyApplication,
  requests: T,
  arrivals = requests.length,
): Promise<{ -readonly [Index in keyof T]: Awaited<T[Index]> }> {
  const server = app.getHttpServer();
  const handlers = server.listeners('request') as Handler[];
  const held: Parameters<Handler>[] = [];
  const restore = () => {
    server.removeAllListeners('request');
    for (const handler of handlers) server.on('request', handler);
  };
  const release = () => {
    restore();
    for (const each of held) server.emit('request', ...each);
  };
  server.removeAllListeners('request');
  server.on('request', (...exchange: Parameters<Handler>) => {
    held.push(exchange);
    if (held.length === arrivals) void openPool(app.get(Database)).finally(release);
  });
  try {
    return await Promise.all(requests);
  } finally {
    restore();
  }
}

/** A busy PostgreSQL server may take seconds to open a connection, and who gets one is not what races here. */
async function openPool(database: Database): Promise<void> {
  await Promise.all(Array.from({ length: POOL_SIZE }, () => database.read`select 1`));
}
