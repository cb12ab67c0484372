import Negotiator from 'negotiator';
import { CodedException } from '../errors/coded.exception.js';
import type { TableFormat } from './csv-query.dto.js';

export const CSV_TYPE = 'text/csv; charset=utf-8';

/** With their parameters, so that a client may name them or not. */
const MEDIA_TYPES: Record<TableFormat, string> = { csv: CSV_TYPE, json: 'application/json; charset=utf-8' };

/**
 * The format that a client gets (RFC 9110, section 12.5.1).
 *
 * @param asked by `format` in the query, which comes before `Accept`
 * @param accept the header; without it, or with nothing in it, anything is taken
 * @param offered by the route; the first one where the client takes several alike
 * @throws CodedException 406
 */
export function negotiateFormat(
  asked: unknown,
  accept: string | undefined,
  offered: readonly TableFormat[],
): TableFormat {
  const types = offered.map((format) => MEDIA_TYPES[format]);
  const [best] = new Negotiator({ headers: { accept: accept === '' ? undefined : accept } }).mediaTypes(
    types,
  );
  const format = offered.find((one) => one === asked) ?? offered.find((one) => MEDIA_TYPES[one] === best);
  if (format === undefined) {
    const names = types.map((type) => type.split(';')[0]).join(' or ');
    throw new CodedException(406, 'not_acceptable', `This is offered as ${names} only`);
  }
  return format;
}
