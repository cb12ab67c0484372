import { execFileSync } from 'node:child_process';

const { TEST_DATABASE_URL } = process.env;

/** A test that makes or restores a backup. On PostgreSQL it is skipped where `pg_dump` is older than the server. */
export const itWithBackups = TEST_DATABASE_URL && isOlderThan(TEST_DATABASE_URL) ? it.skip : it;

function isOlderThan(url: string): boolean {
  const server = execFileSync('psql', ['-At', '-c', 'show server_version_num', '-d', url], {
    encoding: 'utf8',
  });
  const [, tools] = /\) (\d+)/.exec(execFileSync('pg_dump', ['--version'], { encoding: 'utf8' })) ?? [];
  return Number(tools) < Math.floor(Number(server) / 10_000);
}
