import { isUtf8 } from 'node:buffer';
import multipart from '@fastify/multipart';
import {
  BadRequestException,
  type HttpException,
  PayloadTooLargeException,
  UnsupportedMediaTypeException,
} from '@nestjs/common';
import { type NestFastifyApplication, RouteConfig } from '@nestjs/platform-fastify';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { parse as parseJson } from 'secure-json-parse';
import { ValidationException } from '../validation/validation.exception.js';

/** In bytes. Far more than any valid request needs. */
export const BODY_LIMIT = 256 * 1024;

/** In bytes: of a file, on a route that takes one. */
export const FILE_LIMIT = 20 * 1024 * 1024;

/** In bytes: what a form may have beside its file. */
const FORM_OVERHEAD = 64 * 1024;

const MAX_JSON_DEPTH = 10;
const DROP_PROTOTYPES = { protoAction: 'remove', constructorAction: 'remove' } as const;
const INVALID_JSON = { type: 'json_invalid', msg: 'JSON decode error' };
const JSON_TYPE = /^application\/json\s*(;|$)/i;
const FILE = /^(text\/csv|multipart\/form-data)\s*(;|$)/i;
const FORM = /^(application\/x-www-form-urlencoded|multipart\/form-data)\b/i;

declare module 'fastify' {
  interface FastifyContextConfig {
    acceptsForms?: boolean;
    acceptsFile?: boolean;
  }
}

/** Lets a route take HTML forms (urlencoded and multipart) beside JSON. */
export const AcceptForms = (): MethodDecorator => RouteConfig({ acceptsForms: true });

/** The configuration of a route that takes a CSV file in place of JSON, as the body or in a form, and reads it as it arrives. */
export const ACCEPTS_FILE = { acceptsFile: true };

/** Whether a media type is that of a route with {@link ACCEPTS_FILE}. */
export function isFile(type: string): boolean {
  return FILE.test(type);
}

/**
 * Accepts JSON on all routes, forms with {@link AcceptForms}, and files with {@link ACCEPTS_FILE}. Other bodies are 413, 415 or 422.
 */
export async function useBodyParsers(app: NestFastifyApplication): Promise<void> {
  app.useBodyParser('application/json', { bodyLimit: BODY_LIMIT }, (_request, body, done) => {
    const json = body.toString();
    try {
      if (!isUtf8(body)) throw new SyntaxError('Not UTF-8');
      // Some clients declare JSON and send no body, for example on DELETE.
      const value: unknown = json === '' ? undefined : parseJson(json, DROP_PROTOTYPES);
      if (isDeeperThan(value, MAX_JSON_DEPTH)) throw new SyntaxError('Nested too deeply');
      done(null, value);
    } catch {
      done(ValidationException.of(INVALID_JSON, 'body'));
    }
  });
  const server = app.getHttpAdapter().getInstance();
  server.removeContentTypeParser('text/plain');
  await app.register(multipart, {
    limits: { fields: 10, fieldNameSize: 100, fieldSize: 4096, files: 0, parts: 10 },
  });
  // The handler reads it from the request.
  server.addContentTypeParser('text/csv', (_request, _payload, done) => {
    done(null, undefined);
  });
  // Everything except JSON and accepted forms and files. Whether a chunked request has a body is known at its first chunk.
  server.addContentTypeParser('*', ({ headers }, payload, done) => {
    let isRefused = false;
    const refuse = () => {
      isRefused = true;
      done(new UnsupportedMediaTypeException());
    };
    if (Number(headers['content-length'] ?? 0) > 0) {
      refuse();
      return;
    }
    payload.once('data', refuse).once('end', () => {
      if (!isRefused) done(null, undefined);
    });
  });
  server.addHook('onRequest', (request, reply, done) => {
    done(checkContentCoding(request, reply) ?? checkContentType(request));
  });
  server.addHook('preValidation', (request, _reply, done) => {
    if (!request.routeOptions.config.acceptsForms || !request.isMultipart()) {
      done();
      return;
    }
    readMultipart(request).then((fields) => {
      request.body = fields;
      done();
    }, done);
  });
}

function hasBody({ raw: { headers } }: FastifyRequest): boolean {
  return Number(headers['content-length'] ?? 0) > 0 || headers['transfer-encoding'] !== undefined;
}

/** Returns the error when a body is compressed (RFC 9110, 8.4 and 15.5.16). `identity` is not meant to be sent, and is. */
function checkContentCoding(request: FastifyRequest, reply: FastifyReply): HttpException | undefined {
  const coding = request.raw.headers['content-encoding'];
  if (coding === undefined || /^(identity)?$/i.test(coding) || !hasBody(request)) return undefined;
  void reply.header('accept-encoding', 'identity');
  return new UnsupportedMediaTypeException('Compressed bodies are not accepted');
}

/**
 * Removes the `Content-Type` of requests without a body, because some clients send it on every request. Also removes it from
 * forms and files on routes that accept none, so that they get 415.
 *
 * @returns the error when a form or a file is too large
 */
function checkContentType(request: FastifyRequest): HttpException | undefined {
  const { headers } = request.raw;
  const { acceptsForms, acceptsFile } = request.routeOptions.config;
  const type = headers['content-type'];
  if (type === undefined) return undefined;
  const length = Number(headers['content-length'] ?? 0);
  if (FORM.test(type) && acceptsForms) {
    return length > BODY_LIMIT ? new PayloadTooLargeException('Request body is too large') : undefined;
  }
  if (acceptsFile) {
    if (!hasBody(request) || !isFile(type)) delete headers['content-type'];
    return length > FILE_LIMIT + FORM_OVERHEAD
      ? new PayloadTooLargeException('The file is too large: 20 MB at most')
      : undefined;
  }
  if (!hasBody(request) || !JSON_TYPE.test(type)) delete headers['content-type'];
  return undefined;
}

/** Reads the text fields of a multipart form. The last of several fields with the same name counts. */
async function readMultipart(request: FastifyRequest): Promise<Record<string, unknown>> {
  const fields: Record<string, unknown> = {};
  try {
    for await (const part of request.parts()) {
      if (part.type === 'field') fields[part.fieldname] = part.value;
    }
    return fields;
  } catch (error) {
    // The parser's errors have no status when the form is malformed, such as a wrong boundary or a missing end.
    if (error instanceof Error && 'statusCode' in error && error.statusCode === 413) {
      throw new PayloadTooLargeException('The form has too many parts, or a file');
    }
    throw new BadRequestException('The form could not be read');
  }
}

/** Deep nesting has no use here, and could overflow the stack of recursive code. */
function isDeeperThan(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return levels === 0 || Object.values(value).some((inner) => isDeeperThan(inner, levels - 1));
}
