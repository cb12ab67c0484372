import { applyDecorators, type Type, UseInterceptors } from '@nestjs/common';
import { ApiExtraModels, ApiOkResponse, ApiResponse, getSchemaPath } from '@nestjs/swagger';
import { Compressed } from '../http/compression.js';
import { SentAsTable, TableInterceptor, type TableRoute } from './table.interceptor.js';

/**
 * For a handler that returns a `Table`: sends it as a CSV file, compressed if the client accepts that. Its query extends
 * `CsvQuery`.
 *
 * @param fileName is saved as `items-2026-03-01.csv`, for `items`
 * @param columns of the file, for the documentation
 */
export function CsvFile(fileName: string, columns: readonly string[]): MethodDecorator {
  const header = `${columns.join(',')}\r\n`;
  return applyDecorators(
    Tabular({ fileName, formats: ['csv'] }),
    ApiOkResponse({ description: 'The file.', content: { 'text/csv': csvContent(header) } }),
  );
}

/**
 * For a handler that returns a `Table` with a `json`: sends that, or the table as a CSV file to who prefers it. Its query extends
 * `JsonOrCsvQuery`.
 *
 * @param example the beginning of a file, for the documentation
 * @param type of the JSON; in brackets for an array
 */
export function JsonOrCsv(fileName: string, example: string, type: Type | [Type]): MethodDecorator {
  const [model] = [type].flat() as [Type];
  const reference = { $ref: getSchemaPath(model) };
  const schema = Array.isArray(type) ? { type: 'array', items: reference } : reference;
  return applyDecorators(
    Tabular({ fileName, formats: ['json', 'csv'] }),
    ApiExtraModels(model),
    ApiOkResponse({
      description: '',
      content: { 'application/json': { schema }, 'text/csv': csvContent(example) },
    }),
  );
}

function Tabular(route: TableRoute): MethodDecorator {
  return applyDecorators(
    SentAsTable(route),
    UseInterceptors(TableInterceptor),
    Compressed(),
    ApiResponse({ status: 406, description: 'It is not offered in a format that `Accept` allows.' }),
  );
}

function csvContent(example: string) {
  return { schema: { type: 'string', example } };
}
