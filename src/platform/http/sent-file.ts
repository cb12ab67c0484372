import { createHash } from 'node:crypto';
import type { Readable } from 'node:stream';
import {
  BadRequestException,
  createParamDecorator,
  type ExecutionContext,
  PayloadTooLargeException,
} from '@nestjs/common';
import type { Multipart } from '@fastify/multipart';
import type { FastifyRequest } from 'fastify';
import { FIELD_REQUIRED } from '../validation/validation-issue.js';
import { ValidationException } from '../validation/validation.exception.js';
import { FILE_LIMIT, isFile } from './body-parsers.js';

/** A file that a client sends, as the body or as a part of a form. It is read as it arrives. */
export class SentFile implements AsyncIterable<Buffer> {
  private readonly hash = createHash('sha256');
  private size = 0;

  constructor(
    private readonly content: Readable,
    /** Of its media type, in lower case. */
    readonly charset: string | undefined,
    /** Called when all of it is read. */
    private readonly assertLast: () => Promise<void> = () => Promise.resolve(),
  ) {}

  /**
   * @throws PayloadTooLargeException when it has more than {@link FILE_LIMIT} bytes
   * @throws BadRequestException when it breaks off
   * @throws ValidationException when more comes behind it
   */
  async *[Symbol.asyncIterator](): AsyncGenerator<Buffer> {
    try {
      // To destroy the request would close the connection before the response.
      for await (const piece of this.content.iterator({ destroyOnReturn: false })) {
        const bytes = piece as Buffer;
        this.size += bytes.length;
        if (this.size > FILE_LIMIT) throw tooLarge();
        this.hash.update(bytes);
        yield bytes;
      }
      await this.assertLast();
    } catch (error) {
      throw clientErrorOf(error);
    } finally {
      // The rest of the request is read and forgotten, so that its connection can go on.
      this.content.resume();
    }
  }

  /** SHA-256 in hexadecimal, when all of it is read. */
  digest(): string {
    return this.hash.digest('hex');
  }
}

const CHARSET = /;\s*charset\s*=\s*"?([^\s";]+)/i;

/** Injects the {@link SentFile} of a request, on a route with `@AcceptFile()`. */
export const FileOfRequest = createParamDecorator(
  async (_: unknown, context: ExecutionContext): Promise<SentFile> => {
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    const type = request.headers['content-type'] ?? '';
    if (request.isMultipart()) return fileOfForm(request);
    // Without a body the type is not there: see `checkContentType`.
    if (!isFile(type)) throw ValidationException.of(FIELD_REQUIRED, 'body');
    return new SentFile(request.raw, charsetOf(type));
  },
);

/**
 * A form has one file and nothing else: what it says beside that would be ignored, and a `dry_run` in it would change everything.
 *
 * @throws BadRequestException, ValidationException
 */
async function fileOfForm(request: FastifyRequest): Promise<SentFile> {
  // One file and one byte more, so that none is just cut off.
  const options = { limits: { files: 2, fileSize: FILE_LIMIT + 1 }, throwFileSizeLimit: false };
  const parts = request.parts(options);
  const readPart = async (): Promise<Multipart | undefined> => {
    try {
      const next = await parts.next();
      return next.done ? undefined : next.value;
    } catch (error) {
      throw clientErrorOf(error);
    }
  };
  const part = await readPart();
  if (!part) throw ValidationException.of(FIELD_REQUIRED, 'body', 'file');
  const refuse = (other: Multipart): never => {
    void forget(other, parts);
    const msg = 'The form takes one file and nothing else: options belong to the query';
    throw ValidationException.of({ type: 'extra_forbidden', msg }, 'body', other.fieldname);
  };
  if (part.type !== 'file') return refuse(part);
  return new SentFile(part.file, undefined, async () => {
    const other = await readPart();
    if (other) refuse(other);
  });
}

/** Reads the rest of a form, so that its connection can go on. */
async function forget(part: Multipart, others: AsyncIterable<Multipart>): Promise<void> {
  if (part.type === 'file') part.file.resume();
  try {
    for await (const other of others) if (other.type === 'file') other.file.resume();
  } catch {
    // It is refused already.
  }
}

function charsetOf(type: string): string | undefined {
  return CHARSET.exec(type)?.[1]?.toLowerCase();
}

function tooLarge(): PayloadTooLargeException {
  return new PayloadTooLargeException('The file is too large: 20 MB at most');
}

/** Errors of the connection and of the parser of forms have no status that says so. */
function clientErrorOf(error: unknown): unknown {
  if (error instanceof PayloadTooLargeException || error instanceof ValidationException) return error;
  const isLimit = error instanceof Error && 'statusCode' in error && error.statusCode === 413;
  return isLimit ? tooLarge() : new BadRequestException('The file could not be read to its end');
}
