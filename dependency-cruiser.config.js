/** Which room may know which: `npm run lint:rooms`. */
const features = '^src/(?!platform/|cli/)[^/]+/';

/** @type {import('dependency-cruiser').IConfiguration} */
export default {
  forbidden: [
    {
      name: 'platform-knows-no-feature',
      comment: 'What is in platform/ serves any backend.',
      severity: 'error',
      from: { path: '^src/platform/' },
      to: { path: [features, '^src/[^/]+\\.ts$'] },
    },
    {
      name: 'nobody-knows-cli',
      comment: 'The tools of the terminal stand on everything else.',
      severity: 'error',
      from: { pathNot: '^src/cli/' },
      to: { path: '^src/cli/' },
    },
    {
      name: 'no-circles-of-files',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'no-circles-of-folders',
      severity: 'error',
      scope: 'folder',
      from: {},
      to: { circular: true },
    },
    {
      name: 'released-migrations-stand-alone',
      comment: 'What a released migration does must not change with the program.',
      severity: 'error',
      from: { path: '^src/platform/database/migrations/\\d+' },
      to: { path: '^src/', pathNot: '^src/platform/database/migrations/(dialect|version-counters)\\.ts$' },
    },
  ],
  options: {
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    doNotFollow: { path: 'node_modules' },
    includeOnly: '^src/',
    exclude: { path: '\\.spec\\.ts$' },
  },
};
