import type { DataSource } from 'typeorm';

/**
 * Makes sure that a connection is one to PostgreSQL itself. A pooler may give each transaction another one, keeps for other clients
 * what was set for a session, and hides who else is connected. It shows in the process id that a client gets when it connects, which
 * a pooler makes up (https://www.postgresql.org/docs/current/protocol-message-formats.html, BackendKeyData).
 *
 * @throws Error in one line for the operator
 */
export async function assertOwnSession(dataSource: DataSource): Promise<void> {
  const runner = dataSource.createQueryRunner();
  try {
    const { processID } = (await runner.connect()) as { processID: number };
    const [session] = (await runner.query('select pg_backend_pid() as pid')) as { pid: number }[];
    if (session?.pid === processID) return;
    throw new Error('The URL leads to a connection pooler: give this command the URL of PostgreSQL itself.');
  } finally {
    await runner.release();
  }
}
