export const SHORTEST_PASSWORD = 8;
export const LONGEST_PASSWORD = 128;

/** Says what a new password lacks, or undefined when it will do: 8-128 characters, an upper-case letter, a digit. */
export function passwordProblem(password: string): string | undefined {
  const length = [...password].length;
  if (length < SHORTEST_PASSWORD) return `it needs at least ${SHORTEST_PASSWORD} characters`;
  if (length > LONGEST_PASSWORD) return `it has room for ${LONGEST_PASSWORD} characters`;
  if (!/\p{Lu}/u.test(password)) return 'it needs an upper-case letter';
  if (!/\p{Nd}/u.test(password)) return 'it needs a digit';
  return undefined;
}
