import { compareSync, hashSync } from 'bcryptjs';

// JavaScript, so that tests and the built program run the same file in a worker thread.

/** @param {{ password: string, cost: number }} task */
export function hash({ password, cost }) {
  return hashSync(password, cost);
}

/** @param {{ passwords: string[], hash: string }} task */
export function verify({ passwords, hash }) {
  return passwords.some((password) => compareSync(password, hash));
}
