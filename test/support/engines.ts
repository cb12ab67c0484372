const isOnPostgres = Boolean(process.env.TEST_DATABASE_URL);

// What is about one engine is skipped by name on the other.
export const onSqlite = isOnPostgres ? it.skip : it;
export const onPostgres = isOnPostgres ? it : it.skip;
export const describeOnSqlite = isOnPostgres ? describe.skip : describe;
export const describeOnPostgres = isOnPostgres ? describe : describe.skip;
