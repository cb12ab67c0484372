import config from './jest.config.js';

/** Tests that make up their requests as they go, apart from the others: they take minutes. */
export default {
  ...config,
  roots: ['<rootDir>/test/fuzz'],
  testMatch: ['**/*.fuzz.ts'],
  testTimeout: 600_000,
};
