import config from './jest.config.js';

/** Tests in a real browser, apart from the others: not every machine has one. */
export default {
  ...config,
  roots: ['<rootDir>/test/browser'],
  testMatch: ['**/*.browser.ts'],
  testTimeout: 60_000,
};
