import { pipeline, Readable, type Transform } from 'node:stream';
import { promisify } from 'node:util';
import { brotliCompress, constants, createBrotliCompress, createGzip, gzip } from 'node:zlib';
import { RouteConfig } from '@nestjs/platform-fastify';
import type { FastifyInstance, FastifyReply } from 'fastify';
import { LRUCache } from 'lru-cache';
import { encodedTag, negotiateCoding, type ContentCoding } from './content-coding.js';

/** What fits into one packet beside its headers takes no shorter way when it is smaller. In characters. */
const MIN_LENGTH = 1_400;

/** Bytes of compressed answers that are remembered, all together. */
const MAX_CACHE_BYTES = 4_000_000;

/** Where more work for the processor saves hardly a byte of JSON. */
const BROTLI = { params: { [constants.BROTLI_PARAM_QUALITY]: 4 } };
const GZIP = { level: 4 };

/** Both work in other threads. */
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
 * Lets a route compress its answers. None does by itself: the length of a compressed answer tells of a secret in it to
 * whoever may choose another part of it (BREACH), and a row's tag stands for the row however it is written.
 */
export const Compressed = (): MethodDecorator => RouteConfig({ isCompressed: true });

/**
 * Compresses the answers of the routes that say so, for clients that want it. What it made of a tagged answer is
 * remembered: as long as nothing changes, the next one is sent the same bytes.
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
    addVary(reply);
    const coding = negotiateCoding(request.headers['accept-encoding']);
    const isLong =
      payload instanceof Readable || (typeof payload === 'string' && payload.length >= MIN_LENGTH);
    if (coding === undefined || !isLong) {
      done(null, payload);
      return;
    }
    const tag = encode(reply, coding);
    if (payload instanceof Readable) {
      // An error of either ends the other, too.
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

function addVary(reply: FastifyReply): void {
  const vary = reply.getHeader('vary');
  void reply.header('vary', vary === undefined ? 'Accept-Encoding' : `${String(vary)}, Accept-Encoding`);
}

/** Says in the headers how the body is written, and answers its tag. */
function encode(reply: FastifyReply, coding: ContentCoding): string | undefined {
  void reply.header('content-encoding', coding).removeHeader('content-length');
  const tag = reply.getHeader('etag');
  if (typeof tag !== 'string') return undefined;
  const coded = encodedTag(tag, coding);
  void reply.header('etag', coded);
  return coded;
}
