export const MIN_PASSWORD_LENGTH = 8;
export const MAX_PASSWORD_LENGTH = 128;

/** Returns what is wrong with a new password, or undefined when it is valid: 8-128 characters, an upper-case letter, a digit. */
export function passwordIssue(password: string): string | undefined {
  const length = [...password].length;
  if (length < MIN_PASSWORD_LENGTH) return `it needs at least ${MIN_PASSWORD_LENGTH} characters`;
  if (length > MAX_PASSWORD_LENGTH) return `it has room for ${MAX_PASSWORD_LENGTH} characters`;
  if (!/\p{Lu}/u.test(password)) return 'it needs an upper-case letter';
  if (!/\p{Nd}/u.test(password)) return 'it needs a digit';
  return undefined;
}
