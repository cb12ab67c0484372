import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { ServiceUnavailableException } from '@nestjs/common';
import type { FastifyInstance } from 'fastify';
import { FAVICON } from './favicon.js';

const PAGE = `<!doctype html>
<html lang="en">
  <head>
    <title>Stock tracker API reference</title>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <link rel="icon" href="${FAVICON}" />
    <style>
      body {
        margin: 0;
      }
    </style>
  </head>
  <body>
    <redoc spec-url="/openapi.json"></redoc>
    <script src="/redoc/redoc.standalone.js"></script>
  </body>
</html>
`;

const SCRIPT = createRequire(import.meta.url).resolve('redoc/bundles/redoc.standalone.js');
const REMOTE_LOGO = 'https://cdn.redoc.ly/redoc/logo-mini.svg';

/** Serves ReDoc from here alone: its script shows a logo from another host, which is taken out. */
export function serveReDoc(server: FastifyInstance): void {
  let script: Promise<string> | undefined;
  server.get('/redoc', (_request, reply) => reply.type('text/html; charset=utf-8').send(PAGE));
  server.get('/redoc/redoc.standalone.js', async (_request, reply) => {
    script ??= readFile(SCRIPT, 'utf8').then((text) => text.replaceAll(REMOTE_LOGO, 'data:,'));
    const text = await script.catch((error: unknown) => {
      // Packages are being installed: the file will be back.
      script = undefined;
      throw new ServiceUnavailableException(undefined, { cause: error });
    });
    return reply
      .type('text/javascript; charset=utf-8')
      .header('cache-control', 'public, max-age=86400')
      .send(text);
  });
}
