import Sqlite from 'better-sqlite3';
import pg from 'pg';

/**
 * Statements beside the program.
 *
 * @typedef {object} Statements
 * @property {(statement: string) => unknown} run
 * @property {(seconds: string) => string} timeOf the text in which the program stores a time, from seconds since 1970, both in SQL
 * @property {() => unknown} close
 *
 * @param {string} databaseUrl
 * @returns {Promise<Statements>}
 */
export async function openDatabase(databaseUrl) {
  if (databaseUrl.startsWith('sqlite:///')) {
    const database = new Sqlite(databaseUrl.slice('sqlite:///'.length));
    return {
      run: (statement) => database.exec(statement),
      timeOf: (seconds) => `strftime('%Y-%m-%dT%H:%M:%fZ', ${seconds}, 'unixepoch')`,
      close: () => database.close(),
    };
  }
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  return {
    run: (statement) => client.query(statement),
    timeOf: (seconds) =>
      `to_char(to_timestamp(${seconds}) at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`,
    close: () => client.end(),
  };
}
