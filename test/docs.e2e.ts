import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const PAGES = [
  ...['README.md', 'CHANGELOG.md', 'CONTRIBUTING.md', 'SECURITY.md', 'bench/README.md'],
  ...markdownFilesOf('docs'),
];

const LINK = /\]\(([^)\s]+)\)/g;
const PATH = /(?<![\w./-])(?:src|test|bench|build|deploy|docs)\/[\w./-]*\w/g;
const NPM_SCRIPT = /\bnpm run ([\w:-]+)/g;
/** In a path, a part that the reader fills in. */
const PLACEHOLDER = 'TIMESTAMP';

describe.each(PAGES)('%s', (page) => {
  const text = read(page);

  it('links to pages and headings that exist', () => {
    const targets = matchesOf(text, LINK).filter((target) => !/^https?:/.test(target));
    const broken = targets.filter((target) => !isThere(page, target));
    expect(broken).toEqual([]);
  });

  it('names files and folders that exist', () => {
    const paths = matchesOf(text, PATH).filter((path) => !path.includes(PLACEHOLDER));
    expect(paths.filter((path) => !beginsAFile(path))).toEqual([]);
  });

  it('names npm scripts that exist', () => {
    const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };
    expect(matchesOf(text, NPM_SCRIPT).filter((name) => !(name in scripts))).toEqual([]);
  });
});

describe('The documents', () => {
  it('are many, so that the tests above are', () => {
    expect(PAGES.length).toBeGreaterThan(20);
  });

  it('explain every setting of .env.example, and no other', () => {
    const settings = matchesOf(read('.env.example'), /^([A-Z_]+)=/gm);
    const explained = matchesOf(read('docs/settings.md'), /^\| (`[A-Z_`, ]+)/gm).flatMap((cell) =>
      matchesOf(cell, /`([A-Z_]+)`/g),
    );
    expect(explained.sort()).toEqual(settings.sort());
  });

  it('list every decision', () => {
    const files = markdownFilesOf('docs/decisions').map((file) => basename(file));
    const listed = matchesOf(read('docs/decisions/README.md'), /^- \[([\w.-]+)\]/gm);
    expect(listed.sort()).toEqual(files.filter((file) => file !== 'README.md').sort());
  });

  it('begin with a README of at most 200 lines', () => {
    expect(read('README.md').split('\n').length).toBeLessThanOrEqual(201);
  });
});

function read(file: string): string {
  return readFileSync(join(ROOT, file), 'utf8');
}

function markdownFilesOf(folder: string): string[] {
  return readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.md'))
    .map((file) => join(folder, file));
}

/** The first group of each match, or all of it where there is no group. */
function matchesOf(text: string, pattern: RegExp): string[] {
  return [...text.matchAll(pattern)].map(([all, group]) => group ?? all);
}

/** @param target of a link on the page: a file relative to it, a heading, or both */
function isThere(page: string, target: string): boolean {
  const [file = '', heading] = target.split('#');
  const linked = file === '' ? page : join(dirname(page), file);
  if (!existsSync(join(ROOT, linked))) return false;
  return heading === undefined || headingsOf(linked).includes(heading);
}

/** As GitHub names them in addresses. */
function headingsOf(page: string): string[] {
  return matchesOf(read(page), /^#+ (.+)$/gm).map((heading) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\w\- ]/g, '')
      .replaceAll(' ', '-'),
  );
}

/** Whether the path is a file or a folder, or the beginning of a file's name, as `npx jest test/users` takes it. */
function beginsAFile(path: string): boolean {
  const folder = join(ROOT, dirname(path));
  return existsSync(folder) && readdirSync(folder).some((name) => name.startsWith(basename(path)));
}
