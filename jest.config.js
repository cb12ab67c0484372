/** Our own code is transformed to CommonJS for Jest. Packages are loaded by Node.js, once for all files of a worker. */
export default {
  runtime: '<rootDir>/test/support/jest/shared-packages-runtime.js',
  testEnvironment: '<rootDir>/test/support/jest/one-realm-environment.js',
  roots: ['<rootDir>/src', '<rootDir>/test'],
  testMatch: ['**/*.spec.ts', '**/*.e2e.ts'],
  transform: {
    '\\.(ts|js)$': [
      '@swc/jest',
      {
        jsc: {
          target: 'es2022',
          parser: { syntax: 'typescript', decorators: true, dynamicImport: true },
          transform: { legacyDecorator: true, decoratorMetadata: true, useDefineForClassFields: false },
        },
        module: { type: 'commonjs' },
      },
    ],
  },
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1' },
  setupFiles: ['<rootDir>/test/support/environment.ts'],
  maxWorkers: 2,
  testTimeout: 30_000,
};
