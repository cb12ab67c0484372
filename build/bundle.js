import { readdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as esbuild from 'esbuild';

/**
 * Packs what `nest build` wrote, and the packages that it imports, into few files, because most of a start is Node.js
 * finding and reading thousands of small ones. Every `main.js` in `dist/` or in a folder right below it becomes one line that
 * imports its bundle. The rest of `dist/` stays as it is; what is not bundled comes from `node_modules/`.
 */
const PROJECT = fileURLToPath(new URL('..', import.meta.url));
const DIST = join(PROJECT, 'dist');
const BUNDLE = join(DIST, 'bundle');
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

/** @type {import('esbuild').Plugin} */
const visibleRequires = {
  name: 'visible requires',
  setup(build) {
    build.onLoad({ filter: HIDDEN_REQUIRE }, async ({ path }) => {
      const code = await readFile(path, 'utf8');
      return { contents: code.replace('const require = createRequire(import.meta.url);', '') };
    });
  },
};

/**
 * Our own modules go on finding files relative to themselves.
 *
 * @type {import('esbuild').Plugin}
 */
const ownPlaces = {
  name: 'own places',
  setup(build) {
    build.onLoad({ filter: /\.js$/ }, async ({ path }) => {
      if (!path.startsWith(DIST)) return undefined;
      const code = await readFile(path, 'utf8');
      const place = JSON.stringify(relative(BUNDLE, path).replaceAll('\\', '/'));
      return {
        contents: code.replaceAll('import.meta.url', `new URL(${place}, import.meta.url).href`),
        resolveDir: dirname(path),
      };
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

/** @type {Record<string, string>} */
const entries = {};
for (const file of await readdir(DIST, { recursive: true })) {
  const [, folder] = ENTRY.exec(file) ?? [];
  if (ENTRY.test(file) && !/[/\\]/.test(folder ?? '')) entries[folder ?? 'main'] = join(DIST, file);
}

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
  plugins: [optionalPackages, lazyPackages, visibleRequires, ownPlaces],
  // Names stay as they were written: Nest and TypeORM know classes by them, and people read them in stack traces.
  minifyWhitespace: true,
  minifySyntax: true,
  lineLimit: 200,
  sourcemap: true,
  sourcesContent: false,
  banner: {
    js: `import { createRequire as requireFrom } from 'node:module'; const require = requireFrom(import.meta.url);`,
  },
  logLevel: 'warning',
});

for (const [name, file] of Object.entries(entries)) {
  const bundle = relative(dirname(file), join(BUNDLE, `${name}.js`)).replaceAll('\\', '/');
  await writeFile(file, `import './${bundle}';\n`);
}
