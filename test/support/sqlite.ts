import Sqlite from 'better-sqlite3';

/**
 * For tests that need SQLite whatever TEST_DATABASE_URL says. They are skipped where the driver can't be loaded: its binary
 * is compiled for one major version of Node.js, and CI runs the tests on PostgreSQL with another one as well.
 */
const isLoadable = (() => {
  try {
    new Sqlite(':memory:').close();
    return true;
  } catch {
    return false;
  }
})();

export const describeWithSqlite = isLoadable ? describe : describe.skip;
export const itWithSqlite = isLoadable ? it : it.skip;
