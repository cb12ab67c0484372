import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { DocumentBuilder, type OpenAPIObject, SwaggerModule } from '@nestjs/swagger';
import { VERSION } from '../config/version.js';
import { applyConventions } from './conventions.js';
import { ErrorResponse, ValidationErrorResponse } from './error-response.dto.js';
import { serveHomePage } from './home-page.js';
import { serveReDoc } from './redoc.js';
import { SWAGGER_UI } from './swagger-ui.js';

/** Listed last, because they log the caller out: whoever tries one operation after the other stays logged in. */
const LOGGING_OUT = ['/api/v1/auth/logout-all', '/api/v1/auth/change-password'];

const DESCRIPTION = `
Stock of cafes and greengrocers: users and their roles, items to sell, and how much of each is in stock.

**To begin**, open [Swagger UI](/docs), press *Authorize* and log in; on a fresh development database as \`admin\` with
\`Admin1234!\`. [ReDoc](/redoc) is for reading, [openapi.json](/openapi.json) for generating clients.

Times are ISO 8601 in UTC. Decimals are JSON numbers in responses; requests may also send them as strings. Prices and
rates have at most 2 decimals, quantities at most 3: more is an error, nothing is rounded. Every response has an
\`X-Request-Id\`, which finds the request in the log.
`.trim();

/** Serves Swagger UI at /docs, ReDoc at /redoc, and the document itself at /openapi.json and /openapi.yaml. */
export function serveDocumentation(app: NestFastifyApplication): void {
  let document: OpenAPIObject | undefined;
  SwaggerModule.setup('docs', app, () => (document ??= createDocument(app)), {
    jsonDocumentUrl: 'openapi.json',
    yamlDocumentUrl: 'openapi.yaml',
    ...SWAGGER_UI,
  });
  const server = app.getHttpAdapter().getInstance();
  serveReDoc(server);
  serveHomePage(server);
}

function createDocument(app: NestFastifyApplication): OpenAPIObject {
  const config = new DocumentBuilder()
    .setTitle('Stock tracker')
    .setDescription(DESCRIPTION)
    .setVersion(VERSION)
    .addServer('/')
    .addOAuth2(
      { type: 'oauth2', flows: { password: { tokenUrl: '/api/v1/auth/login', scopes: {} } } },
      'OAuth2PasswordBearer',
    )
    .addSecurityRequirements('OAuth2PasswordBearer')
    .addTag('Authentication', 'Log in, stay logged in, log out')
    .addTag('Users', 'The people of the shop and their roles')
    .addTag('Categories', 'Groups of items')
    .addTag('Items', 'What the shop sells')
    .addTag('Stock', 'How much of each item is in stock')
    .addTag('Stock movements', 'Every change of stock: why, when and by whom')
    .addTag('Carts', 'Sales: what is being sold, what was sold, and what was paid back')
    .addTag('Daily accounts', 'Closing the day, and what was sold on closed days')
    .addTag('Stocktakes', 'Counting the shop, and what was found')
    .addTag('Tasks', 'What is to do in the shop, and by whom')
    .addTag('Reports', 'What the stock is worth, what came and went, and what was sold')
    .addTag('Health', 'For load balancers and supervisors')
    .build();
  const document = SwaggerModule.createDocument(app, config, {
    operationIdFactory: (_controller, method) => method,
    extraModels: [ErrorResponse, ValidationErrorResponse],
  });
  for (const path of LOGGING_OUT) {
    const { [path]: item = {}, ...others } = document.paths;
    document.paths = { ...others, [path]: item };
  }
  return applyConventions(document);
}
