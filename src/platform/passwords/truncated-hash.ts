/** bcrypt computes the same for `$2b$`, with which our own hashes begin, and for `$2y$`. */
const TRUNCATED_PREFIX = '$2y$';

/**
 * Marks a bcrypt hash of a program that ignored what is behind byte 72 of a password, as the first version did.
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
