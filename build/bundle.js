import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as esbuild from 'esbuild';

/**
 * Packs what `nest build` wrote, and the packages that it imports, into few files, because most of a start is Node.js
 * finding and reading thousands of small ones. Every `main.js` there or in a folder right below becomes one line that
 * imports its bundle. The rest of it stays as it is; what is not bundled comes from `node_modules/`.
 *
 * All of that happens in `dist.next/`, which takes the place of `dist/` at the end: a program that serves from there, and starts
 * a worker meanwhile, finds its files, and a build that fails leaves the last one.
 */
const PROJECT = fileURLToPath(new URL('..', import.meta.url));
const DIST = join(PROJECT, 'dist');
const NEXT = join(PROJECT, 'dist.next');
const BUNDLE = join(NEXT, 'bundle');
const ENTRY = /^(?:(.+)[/\\])?main\.js$/;

/** Packages that stay outside, each for its reason. */
const EXTERNAL = [
  // Native code, found from where the package lies.
  'better-sqlite3',
  // They read or start files of their own, found from where they lie.
  'piscina',
  'pino',
  'pino-pretty',
  'swagger-ui-dist',
  // Loaded where the database is PostgreSQL; and once, for TypeORM sets it up by its globals.
  'pg',
  'pg-native',
  // ES modules come before CommonJS in a bundle, but decorators need this one first. An import stays in its place.
  'reflect-metadata',
];

/** CommonJS packages that another one loads at its start for the sake of a function that nobody here calls. */
const LAZY = /^libphonenumber-js\/max$/;

/**
 * They hide a `require` from bundlers (https://github.com/evanw/esbuild/issues/1828) and would get a second copy of a
 * package: rules that one copy of class-validator keeps are unknown to the other.
 */
const HIDDEN_REQUIRE = /[/\\]@nestjs[/\\](mapped-types|typeorm)[/\\].+\.js$/;

/** A class as tsc writes it, with a name that esbuild may take away: Nest, TypeORM and people know classes by them. */
const CLASS = /^((?:export )?(?:default )?(?:let \w+ = (?:\w+ = )?)?class (\w+)(?: extends [^{\n]+)? \{)$/gm;

/** @type {import('esbuild').Plugin} */
const rewriting = {
  name: 'rewriting',
  setup(build) {
    build.onLoad({ filter: /[/\\](dist|dist\.next|@nestjs|typeorm)[/\\].*\.js$/ }, async ({ path }) => {
      let code = await readFile(path, 'utf8');
      if (HIDDEN_REQUIRE.test(path)) {
        code = code.replace('const require = createRequire(import.meta.url);', '');
      }
      if (path.startsWith(NEXT)) {
        // Our own modules go on finding files relative to themselves.
        const place = JSON.stringify(relative(BUNDLE, path).replaceAll('\\', '/'));
        code = code.replaceAll('import.meta.url', `new URL(${place}, import.meta.url).href`);
      }
      // `keepNames` would do this for functions, too, whenever one is made: a third of the time of a request.
      const contents = code.replace(CLASS, '$1 static { nameClass(this, "$2"); }');
      return { contents, resolveDir: dirname(path) };
    });
  },
};

/**
 * Packages that Nest and its kin load only when they are used, and only if they are installed: they aren't.
 *
 * @type {import('esbuild').Plugin}
 */
const optionalPackages = {
  name: 'optional packages',
  setup(build) {
    const isAsking = Symbol('keeps a question from asking itself');
    build.onResolve({ filter: /^[\w@]/ }, async ({ path, kind, importer, resolveDir, pluginData }) => {
      if (kind === 'import-statement' || pluginData === isAsking) return undefined;
      const { errors } = await build.resolve(path, { kind, importer, resolveDir, pluginData: isAsking });
      return errors.length > 0 ? { path, external: true } : undefined;
    });
  },
};

/** @type {import('esbuild').Plugin} */
const lazyPackages = {
  name: 'lazy packages',
  setup(build) {
    build.onResolve({ filter: LAZY }, ({ path, namespace }) =>
      namespace === 'lazy' ? { path, external: true } : { path, namespace: 'lazy' },
    );
    build.onLoad({ filter: /.*/, namespace: 'lazy' }, ({ path }) => ({
      contents: `module.exports = new Proxy({}, { get: (_, name) => require(${JSON.stringify(path)})[name] });`,
    }));
  },
};

/**
 * RxJS offers Node.js its CommonJS, whose every function is got anew from a module whenever a request uses it.
 *
 * @type {Record<string, string>}
 */
const AS_MODULES = {
  rxjs: join(PROJECT, 'node_modules/rxjs/dist/esm/index.js'),
  'rxjs/operators': join(PROJECT, 'node_modules/rxjs/dist/esm/operators/index.js'),
};

const NAME_CLASS =
  "const nameClass = (target, value) => target.name === value || Object.defineProperty(target, 'name', { value, configurable: true });";

/** @type {Record<string, string>} */
const entries = {};
for (const file of await readdir(NEXT, { recursive: true })) {
  const [, folder] = ENTRY.exec(file) ?? [];
  if (ENTRY.test(file) && !/[/\\]/.test(folder ?? '')) entries[folder ?? 'main'] = join(NEXT, file);
}

/** The same for the same program: of our own compiled files, and the versions of all packages. */
const buildId = createHash('sha256');
for (const file of (await readdir(NEXT, { recursive: true })).sort()) {
  if (file.endsWith('.js')) buildId.update(await readFile(join(NEXT, file)));
}
buildId.update(await readFile(join(PROJECT, 'package-lock.json')));

await esbuild.build({
  entryPoints: entries,
  outdir: BUNDLE,
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node20',
  preserveSymlinks: true,
  external: EXTERNAL,
  alias: AS_MODULES,
  define: { BUILD_ID: JSON.stringify(buildId.digest('hex').slice(0, 8)) },
  plugins: [optionalPackages, lazyPackages, rewriting],
  minifyWhitespace: true,
  minifySyntax: true,
  lineLimit: 200,
  sourcemap: true,
  sourcesContent: false,
  banner: {
    js: `import { createRequire as requireFrom } from 'node:module'; const require = requireFrom(import.meta.url); ${NAME_CLASS}`,
  },
  logLevel: 'warning',
});

/** V8 keeps the whole text of a file in memory, in two bytes a character where one of them is not Latin. */
for (const name of (await readdir(BUNDLE)).filter((name) => name.endsWith('.js'))) {
  const file = join(BUNDLE, name);
  const code = await readFile(file, 'utf8');
  // esbuild does so in strings, and leaves regular expressions and comments.
  const escaped = code.replace(
    /[^\x00-\x7f]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
  if (escaped !== code) await writeFile(file, escaped);
}

for (const [name, file] of Object.entries(entries)) {
  const bundle = relative(dirname(file), join(BUNDLE, `${name}.js`)).replaceAll('\\', '/');
  await writeFile(file, `import './${bundle}';\n`);
}

const old = `${DIST}.old`;
await rm(old, { recursive: true, force: true });
if (existsSync(DIST)) await rename(DIST, old);
await rename(NEXT, DIST);
await rm(old, { recursive: true, force: true });
