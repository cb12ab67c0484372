import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const HTTP_CLIENT = /\bfetch\(|from '(axios|undici|got)'|\b(request|get|Agent)\b.* from 'node:https?'/;

describe('SECURITY.md', () => {
  const rows = readFileSync(join(ROOT, 'SECURITY.md'), 'utf8')
    .split('\n')
    .filter((line) => line.startsWith('| API'));

  it('has all of the OWASP API Security Top 10', () => {
    expect(rows.map((row) => /API\d+/.exec(row)?.[0])).toEqual(
      [1, 2, 3, 4, 5, 6, 7, 8, 9, 10].map((n) => `API${n}`),
    );
  });

  it.each(rows.map((row) => [/API\d+/.exec(row)?.[0], row]))(
    'names tests for %s that exist',
    (_, row = '') => {
      const named = [...row.matchAll(/((?:src|test)\/[\w/.-]+\.ts) ((?:“[^”]+”(?:, )?)+)/g)];
      expect(named).not.toEqual([]);
      for (const [, file = '', titles = ''] of named) {
        const tests = readFileSync(join(ROOT, file), 'utf8');
        for (const [, title = ''] of titles.matchAll(/“([^”]+)”/g)) {
          const isThere = [`'${title}'`, `"${title}"`, `\`${title}\``].some((quoted) =>
            tests.includes(quoted),
          );
          expect({ file, title, isThere }).toEqual({ file, title, isThere: true });
        }
      }
    },
  );
});

describe('The program', () => {
  it('calls nobody but its database', () => {
    const files = readdirSync(join(ROOT, 'src'), { recursive: true, encoding: 'utf8' }).filter((file) =>
      /\.[jt]s$/.test(file),
    );
    expect(files).toContain('main.ts');
    const callers = files.filter((file) => HTTP_CLIENT.test(readFileSync(join(ROOT, 'src', file), 'utf8')));
    expect(callers).toEqual([]);
  });
});
