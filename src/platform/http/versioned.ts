import type { FastifyInstance } from 'fastify';
import type { RowVersion } from '../database/row-version.js';
import { rowTag } from './entity-tag.js';
import { applyEntityTag } from './not-modified.js';

/** A response body that shows one row, and the version of the row. Clients get the body, and the version as its `ETag`. */
export class Versioned<Body extends object> {
  readonly entityTag: string;

  /** @param isForOwners whether the body shows what only owners see */
  constructor(
    version: RowVersion,
    readonly body: Body,
    isForOwners = false,
  ) {
    this.entityTag = rowTag(version, isForOwners);
  }
}

/** Sends the body of {@link Versioned} with its entity tag. A hook costs each request less than an interceptor. */
export function sendVersioned(server: FastifyInstance): void {
  server.addHook('preSerialization', (request, reply, payload, done) => {
    if (!(payload instanceof Versioned)) {
      done(null, payload);
      return;
    }
    // A 304 has no body, so skip serialization.
    if (applyEntityTag(payload.entityTag, request, reply)) reply.serializer(() => '');
    done(null, payload.body);
  });
}
