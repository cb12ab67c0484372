import config from './jest.config.js';

/** What the built program does when it is killed, stopped and stormed, apart from the other tests: it takes a while. */
export default {
  ...config,
  roots: ['<rootDir>/test/reliability'],
  testMatch: ['**/*.reliability.ts'],
  // Each of them takes all of a machine.
  maxWorkers: 1,
  testTimeout: 300_000,
};
