import config from './jest.config.js';

/** What the built program and its commands do in processes of their own, apart from the tests of the app: starts take time. */
export default {
  ...config,
  roots: ['<rootDir>/test'],
  testMatch: ['**/*.program.ts'],
  // Some of them start many processes, one after the other.
  testTimeout: 120_000,
};
