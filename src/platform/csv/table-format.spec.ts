import { CodedException } from '../errors/coded.exception.js';
import { negotiateFormat } from './table-format.js';

describe('The format of a table', () => {
  it.each([
    [undefined, undefined, 'json'],
    [undefined, '*/*', 'json'],
    [undefined, 'text/csv', 'csv'],
    [undefined, 'TEXT/CSV', 'csv'],
    [undefined, 'text/csv; charset=utf-8', 'csv'],
    [undefined, 'text/*', 'csv'],
    [undefined, 'application/json', 'json'],
    [undefined, 'application/json;q=0.5, text/csv', 'csv'],
    [undefined, 'text/html, application/xhtml+xml, application/xml;q=0.9, */*;q=0.8', 'json'],
    ['csv', 'application/json', 'csv'],
    ['json', 'text/csv', 'json'],
    ['xml', 'text/csv', 'csv'],
  ])('is what the client prefers: format=%s, Accept: %s', (asked, accept, format) => {
    expect(negotiateFormat(asked, accept, ['json', 'csv'])).toBe(format);
  });

  it.each([undefined, '', '*/*', 'text/csv', 'text/csv;q=0.1, application/json'])(
    'is CSV where nothing else is offered: Accept: %s',
    (accept) => {
      expect(negotiateFormat(undefined, accept, ['csv'])).toBe('csv');
    },
  );

  it.each(['application/json', 'text/csv;q=0', 'text/csv; charset=utf-16'])(
    'is refused where it is not offered: Accept: %s',
    (accept) => {
      expect(() => negotiateFormat(undefined, accept, ['csv'])).toThrow(
        new CodedException(406, 'not_acceptable', 'This is offered as text/csv only'),
      );
    },
  );
});
