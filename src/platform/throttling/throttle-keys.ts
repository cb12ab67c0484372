import { createHash } from 'node:crypto';
import { isIPv6 } from 'node:net';
import { loginKey } from '../validation/login-name.js';
import { LOGIN_THROTTLE_POLICY } from './login-throttle-policy.js';

/** What failed logins are counted for. */
export interface ThrottleKey {
  /** SHA-256 in hexadecimal. */
  hash: string;
  freeFailures: number;
}

/** The keys of one login. */
export interface LoginThrottleKeys {
  accountAtAddress: ThrottleKey;
  account: ThrottleKey;
  address: ThrottleKey;
}

export function throttleKeysOf(login: string, address: string): LoginThrottleKeys {
  const name = loginKey(login);
  const network = networkOf(address);
  const subject = (kind: keyof LoginThrottleKeys, ...parts: string[]): ThrottleKey => ({
    hash: createHash('sha256')
      .update(JSON.stringify([kind, ...parts]))
      .digest('hex'),
    freeFailures: LOGIN_THROTTLE_POLICY.freeFailures[kind],
  });
  return {
    accountAtAddress: subject('accountAtAddress', name, network),
    account: subject('account', name),
    address: subject('address', network),
  };
}

/** Returns an IPv4 address unchanged (also when written as IPv6), and the first 64 bits of an IPv6 address. */
export function networkOf(address: string): string {
  const [, ipv4] = /^::ffff:(\d+(?:\.\d+){3})$/i.exec(address) ?? [];
  if (ipv4 !== undefined || !isIPv6(address)) return ipv4 ?? address;
  const [head = [], tail = []] = address.split('::').map((part) => (part === '' ? [] : part.split(':')));
  const zeros = Array.from({ length: Math.max(0, 8 - head.length - tail.length) }, () => '0');
  const groups = [...head, ...zeros, ...tail].slice(0, 4);
  return groups.map((group) => parseInt(group, 16).toString(16)).join(':');
}
