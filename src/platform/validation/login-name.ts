import { domainToASCII, domainToUnicode } from 'node:url';

/** Every i of a Turkish keyboard. JavaScript's lower case of İ is an i with a combining dot (U+0307). */
const ANY_I = /[iIİı]\u0307*/g;
const DOTTED_I = /[iI]\u0307+|İ\u0307*/g;
const ASCII = /^[\x21-\x7e]*$/;

/**
 * The key by which a user is found: the same for all spellings of a username or an e-mail address.
 *
 * On a Turkish keyboard the capital of `i` is `İ`, and `I` is the capital of `ı`. In a name that is ASCII otherwise, all
 * four become `i`.
 */
export function loginKey(login: string): string {
  return login.includes('@') ? normalizeEmail(login) : lowerCase(login);
}

/**
 * An e-mail address as it is stored: composed (NFC), in lower case, and with its domain in Unicode (U-labels, RFC 5890)
 * even if it was sent in punycode. A local part beyond ASCII keeps its letters (RFC 6531), `ı` among them.
 *
 * @returns the address with its domain in lower case only, where that is no valid domain name
 */
export function normalizeEmail(address: string): string {
  const at = address.lastIndexOf('@');
  if (at < 0) return lowerCase(address);
  const [local, domain] = [address.slice(0, at), address.slice(at + 1)];
  return `${lowerCase(local)}@${normalizeDomain(domain)}`;
}

function normalizeDomain(domain: string): string {
  const lowered = lowerCaseLabels(domain);
  // domainToASCII reads a URL's host: a slash or a percent sign would end or change it.
  if (!/^[\p{L}\p{M}\p{N}.-]+$/u.test(lowered)) return lowered;
  const ascii = domainToASCII(lowered);
  const readable = domainToUnicode(ascii);
  // Some punycode stands for no name, or for one that would be read as another (`ınfo.com` as `info.com`): it stays.
  const isStable = domainToASCII(readable) === ascii && lowerCaseLabels(readable) === readable;
  return ascii !== '' && isStable ? readable : lowered;
}

function lowerCaseLabels(domain: string): string {
  return domain
    .split(/[.\u3002\uff0e\uff61]/)
    .map(lowerCase)
    .join('.');
}

function lowerCase(text: string): string {
  const composed = text.normalize('NFC');
  const folded = composed.replace(ANY_I, 'i').toLowerCase();
  return ASCII.test(folded) ? folded : composed.replace(DOTTED_I, 'i').toLowerCase().normalize('NFC');
}
