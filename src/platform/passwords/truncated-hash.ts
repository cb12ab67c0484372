/** Our own hashes begin with `$2b$`. bcrypt treats `$2y$` the same. */
const TRUNCATED_PREFIX = '$2y$';

/**
 * Marks a hash from a program that ignored everything after byte 72 of a password, such as the first version.
 *
 * @param hash begins with `$2a$`, `$2b$` or `$2y$`
 */
export function markTruncated(hash: string): string {
  return TRUNCATED_PREFIX + hash.slice(TRUNCATED_PREFIX.length);
}

/** Whether {@link markTruncated} has marked the hash. */
export function isTruncated(hash: string | undefined): boolean {
  return hash?.startsWith(TRUNCATED_PREFIX) ?? false;
}
