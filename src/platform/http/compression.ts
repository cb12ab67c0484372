import { pipeline, Readable, type Transform } from 'node:stream';
import { promisify } from 'node:util';
import { brotliCompress, constants, createBrotliCompress, createGzip, gzip } from 'node:zlib';
import { RouteConfig } from '@nestjs/platform-fastify';
import type { FastifyInstance, FastifyReply } from 'fastify';
import { LRUCache } from 'lru-cache';
import { encodedTag, negotiateCoding, type ContentCoding } from './content-coding.js';
import { addVary } from './vary.js';

/** In characters. A shorter body fits into one packet with its headers, so compression gains nothing. */
const MIN_LENGTH = 1_400;

/** The total size of the cache of compressed bodies. */
const MAX_CACHE_BYTES = 4_000_000;

/** Higher levels cost more CPU time and save hardly a byte of JSON. */
const BROTLI = { params: { [constants.BROTLI_PARAM_QUALITY]: 4 } };
const GZIP = { level: 4 };

/** Both run in the thread pool. */
const COMPRESS: Record<ContentCoding, (text: string) => Promise<Buffer>> = {
  br: (text) => promisify(brotliCompress)(text, BROTLI),
  gzip: (text) => promisify(gzip)(text, GZIP),
};
const COMPRESS_STREAM: Record<ContentCoding, () => Transform> = {
  br: () => createBrotliCompress(BROTLI),
  gzip: () => createGzip(GZIP),
};

declare module 'fastify' {
  interface FastifyContextConfig {
    isCompressed?: boolean;
  }
}

/**
 * Lets a route compress its responses. Off by default: when an attacker controls part of a response, its compressed length
 * reveals secrets in the rest (BREACH).
 */
export const Compressed = (): MethodDecorator => RouteConfig({ isCompressed: true });

/**
 * Compresses responses of routes with {@link Compressed} for clients that accept it. A compressed body is cached by its
 * entity tag: as long as nothing changes, the same bytes are sent again.
 */
export function compressResponses(server: FastifyInstance): void {
  const remembered = new LRUCache<string, Buffer>({
    maxSize: MAX_CACHE_BYTES,
    maxEntrySize: MAX_CACHE_BYTES / 8,
    sizeCalculation: (body) => body.length,
  });

  server.addHook('onSend', (request, reply, payload, done) => {
    if (!request.routeOptions.config.isCompressed || reply.statusCode >= 400) {
      done(null, payload);
      return;
    }
    addVary(reply, 'Accept-Encoding');
    const coding = negotiateCoding(request.headers['accept-encoding']);
    const isLong =
      payload instanceof Readable || (typeof payload === 'string' && payload.length >= MIN_LENGTH);
    if (coding === undefined || !isLong) {
      done(null, payload);
      return;
    }
    const tag = encode(reply, coding);
    if (payload instanceof Readable) {
      // `pipeline`, because an error in either stream must end the other one.
      done(
        null,
        pipeline(payload, COMPRESS_STREAM[coding](), () => undefined),
      );
      return;
    }
    const known = tag === undefined ? undefined : remembered.get(tag);
    if (known) {
      done(null, known);
      return;
    }
    COMPRESS[coding](payload).then(
      (body) => {
        if (tag !== undefined) remembered.set(tag, body);
        done(null, body);
      },
      (error: unknown) => {
        done(error as Error);
      },
    );
  });
}

/** Sets the headers for a coding. Returns the entity tag of the encoded body; undefined when there is none. */
function encode(reply: FastifyReply, coding: ContentCoding): string | undefined {
  void reply.header('content-encoding', coding).removeHeader('content-length');
  const tag = reply.getHeader('etag');
  if (typeof tag !== 'string') return undefined;
  const coded = encodedTag(tag, coding);
  void reply.header('etag', coded);
  return coded;
}
