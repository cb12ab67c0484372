/** The SHA-256 of what the migrations make on PostgreSQL. `UPDATE_SNAPSHOT=1 npx jest schema`, with TEST_DATABASE_URL, writes it anew. */
export const POSTGRES_FINGERPRINT = '5ff9b813a613019dc439a323e5404a8b8e890f0f022699db7775b1c6371855a4';
