/**
 * A password in the one form of all the ways to type it (RFC 8265, section 4.2, OpaqueString): composed (NFC), with plain
 * spaces. Letter case, and all else, counts.
 */
export function opaqueString(password: string): string {
  return password.replace(/\p{Zs}/gu, ' ').normalize('NFC');
}
