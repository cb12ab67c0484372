import { isUtf8 } from 'node:buffer';
import multipart from '@fastify/multipart';
import { UnsupportedMediaTypeException } from '@nestjs/common';
import { type NestFastifyApplication, RouteConfig } from '@nestjs/platform-fastify';
import { parse as parseJson } from 'secure-json-parse';
import { Problem } from '../validation/problem.js';
import { ValidationException } from '../validation/validation.exception.js';

/** The largest body that is read, in bytes: many times the largest that makes sense. */
export const BODY_LIMIT = 256 * 1024;

const DEEPEST_JSON = 10;
const DROP_PROTOTYPES = { protoAction: 'remove', constructorAction: 'remove' } as const;
const UNREADABLE_JSON = new Problem('json_invalid', 'JSON decode error');
const FORM = /^(application\/x-www-form-urlencoded|multipart\/form-data)\b/i;

declare module 'fastify' {
  interface FastifyContextConfig {
    acceptsForms?: boolean;
  }
}

/** Lets a route take HTML forms (urlencoded and multipart) beside JSON. */
export const AcceptForms = (): MethodDecorator => RouteConfig({ acceptsForms: true });

/** JSON everywhere, forms where {@link AcceptForms} says so, files nowhere; 415, 413 or 422 for what can't be read. */
export async function useBodyParsers(app: NestFastifyApplication): Promise<void> {
  app.useBodyParser('application/json', { bodyLimit: BODY_LIMIT }, (_request, body, done) => {
    const json = body.toString();
    try {
      if (!isUtf8(body)) throw new SyntaxError('Not UTF-8');
      // Some clients declare JSON and send nothing, on DELETE for one.
      const value: unknown = json === '' ? undefined : parseJson(json, DROP_PROTOTYPES);
      if (nestsDeeperThan(value, DEEPEST_JSON)) throw new SyntaxError('Nested too deeply');
      done(null, value);
    } catch {
      done(ValidationException.of(UNREADABLE_JSON, 'body'));
    }
  });
  const server = app.getHttpAdapter().getInstance();
  server.removeContentTypeParser('text/plain');
  await app.register(multipart, {
    attachFieldsToBody: 'keyValues',
    limits: { fields: 10, fieldNameSize: 100, fieldSize: 4096, files: 0, parts: 10 },
  });
  server.addHook('onRequest', (request, _reply, done) => {
    const isForm = FORM.test(request.headers['content-type'] ?? '');
    const { url, config } = request.routeOptions;
    done(isForm && url && !config.acceptsForms ? new UnsupportedMediaTypeException() : undefined);
  });
}

/** Deep nesting has no use here, and takes the stack of whoever walks through it. */
function nestsDeeperThan(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return levels === 0 || Object.values(value).some((inner) => nestsDeeperThan(inner, levels - 1));
}
