import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { DocumentBuilder, type OpenAPIObject, SwaggerModule } from '@nestjs/swagger';
import { VERSION } from '../config/version.js';
import { applyConventions } from './conventions.js';
import { ErrorResponse, ValidationErrorResponse } from './error-response.dto.js';
import { serveHomePage } from './home-page.js';
import { serveReDoc } from './redoc.js';
import { SWAGGER_UI } from './swagger-ui.js';

/** What logs its caller out comes last, so that whoever tries one operation after the other stays logged in. */
const LOGGING_OUT = ['/api/v1/auth/logout-all', '/api/v1/auth/change-password'];

const DESCRIPTION = `
Stock of cafes and greengrocers: who may do what, what there is to sell, and how much of it is on the shelf.

**To begin**, open [Swagger UI](/docs), press *Authorize* and log in; on a fresh development database as \`admin\` with
\`Admin1234!\`. [ReDoc](/redoc) is for reading, [openapi.json](/openapi.json) for generating clients.

Times are ISO 8601 in UTC. Decimals are JSON numbers in answers; in requests a decimal string will do as well. Prices and
rates have at most 2 decimals, quantities at most 3: more is an error, nothing is rounded. Every answer carries an
\`X-Request-Id\`, by which it is found in the log.
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
    .addTag('Users', 'The people of the shop')
    .addTag('Categories', 'The shelves')
    .addTag('Items', 'What there is to sell')
    .addTag('Stock', 'How much is on hand')
    .addTag('Stock movements', 'What came, went, and was counted: why, when and by whom')
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
