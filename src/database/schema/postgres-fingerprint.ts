/** The SHA-256 of what the migrations make on PostgreSQL. `UPDATE_SNAPSHOT=1 npx jest schema`, with TEST_DATABASE_URL, writes it anew. */
export const POSTGRES_FINGERPRINT = '377d25e5cadf78b9be2b38e0cbbcff4ae67b5f0f622c5f86ddd2cad76a99d51e';
