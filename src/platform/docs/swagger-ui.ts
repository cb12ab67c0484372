import type { SwaggerCustomOptions } from '@nestjs/swagger';
import { FAVICON } from './favicon.js';

/** Hides what means nothing here (a brand, scopes, OAuth2 clients, links, the one server), and gives a phone the room. */
const STYLE = `
  .swagger-ui .topbar,
  .swagger-ui .scope-def,
  .swagger-ui .servers-title,
  .swagger-ui .servers,
  .swagger-ui .auth-container .wrapper:has(> label:is([for='password_type'], [for^='client_'])),
  .swagger-ui .response-col_links { display: none; }
  .swagger-ui .info { margin: 32px 0 0; }
  .swagger-ui .info .description { max-width: 80ch; }
  .swagger-ui .scheme-container { padding: 0 0 16px; background: none; box-shadow: none; }
  .swagger-ui .dialog-ux .modal-ux { max-width: min(420px, 100vw - 32px); min-width: 0; }
  .swagger-ui .auth-container input { width: 100%; max-width: none; min-width: 0; }
  @media (max-width: 640px) {
    .swagger-ui .opblock-tag { flex-wrap: wrap; }
    .swagger-ui .opblock-tag > a { flex: 1; }
    .swagger-ui .opblock-tag small { flex-basis: 100%; order: 1; padding: 0; }
    .swagger-ui table:is(.responses-table, .headers) { table-layout: fixed; overflow-wrap: anywhere; }
    .swagger-ui .response-col_status { width: 3rem; }
  }
`;

export const SWAGGER_UI: SwaggerCustomOptions = {
  customSiteTitle: 'Stock tracker API',
  // The page's template has no place for a tag of ours but the one of its icon.
  customfavIcon: `${FAVICON}' />\n  <meta name='viewport' content='width=device-width, initial-scale=1`,
  customCss: STYLE,
  swaggerOptions: { filter: true, persistAuthorization: true, displayRequestDuration: true },
};
