import { migrations } from './migrations/index.js';

const KNOWN: readonly string[] = migrations.map(({ name }) => name);

export function isOwnMigration(name: string): boolean {
  return KNOWN.includes(name);
}

/**
 * @param names of the migrations that have run on the database
 * @param what the file or database, for the message
 */
export function assertOwnMigrations(names: string[], what: string): void {
  if (!names.some(isOwnMigration)) {
    throw new Error(`${what} holds no data of this program.`);
  }
}

/** @throws Error for a database of a newer version, which this one does not know */
export function assertNotNewer(names: string[], what: string): void {
  const unknown = names.find((name) => !KNOWN.includes(name));
  if (unknown) {
    throw new Error(`${what} comes from a newer version of this program, which has made ${unknown}.`);
  }
}

/** For commands that don't migrate. */
export function assertUpToDate(names: string[], what: string): void {
  if (KNOWN.some((name) => !names.includes(name))) {
    throw new Error(`${what} is not up to date: start the program on it once.`);
  }
}
