import { applyDecorators } from '@nestjs/common';
import { ApiBody, ApiConsumes } from '@nestjs/swagger';

/** Valid also for the mock data: a new price, and what was counted. */
const EXAMPLE = [
  'sku;name;category;unit_price;quantity',
  'FP-APPLE-RED;Red Apples;Fresh Produce;4,19;12,5',
  'FP-QUINCE;Quinces;Fresh Produce;5,49;8',
  '',
].join('\r\n');

/** Documents the body: CSV, or a form with a file. */
export function ApiCsvBody(): MethodDecorator {
  return applyDecorators(
    ApiConsumes('text/csv', 'multipart/form-data'),
    ApiBody({ required: true, schema: { type: 'string', example: EXAMPLE } }),
  );
}
