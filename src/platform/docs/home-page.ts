import type { FastifyInstance } from 'fastify';
import { VERSION } from '../config/version.js';
import { FAVICON } from './favicon.js';

const PAGE = `<!doctype html>
<html lang="en">
  <head>
    <title>Stock tracker</title>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <meta name="color-scheme" content="light dark" />
    <link rel="icon" href="${FAVICON}" />
    <style>
      body {
        box-sizing: border-box;
        max-width: 34rem;
        min-height: 100vh;
        margin: 0 auto;
        padding: 12vh 1.25rem 2rem;
        font: 1rem/1.5 system-ui, sans-serif;
      }
      h1 {
        margin: 0;
        font-size: 2rem;
        line-height: 1.2;
      }
      ul {
        margin: 2rem 0;
        padding: 0;
        list-style: none;
      }
      a {
        display: block;
        margin: 0.75rem 0;
        padding: 0.875rem 1.125rem;
        border: 1px solid color-mix(in srgb, currentColor 25%, transparent);
        border-radius: 0.75rem;
        color: inherit;
        text-decoration: none;
      }
      a:hover,
      a:focus-visible {
        border-color: #2f7d4f;
        outline: 2px solid #2f7d4f;
      }
      strong {
        display: block;
      }
    </style>
  </head>
  <body>
    <h1>Stock tracker</h1>
    <p>The backend for cafes and greengrocers, version ${VERSION}. Its API is at <code>/api/v1</code>.</p>
    <ul>
      <li><a href="/docs"><strong>Swagger UI</strong>Try the API: log in and send requests</a></li>
      <li><a href="/redoc"><strong>ReDoc</strong>Read the API reference</a></li>
      <li><a href="/health/ready"><strong>Health</strong>See whether it can serve requests</a></li>
    </ul>
  </body>
</html>
`;

/** The page at the program's address: it links to the documentation. */
export function serveHomePage(server: FastifyInstance): void {
  server.get('/', (_request, reply) => reply.type('text/html; charset=utf-8').send(PAGE));
}
