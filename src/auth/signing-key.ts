import { createSecretKey, type KeyObject } from 'node:crypto';
import type { Settings } from '../config/settings.js';

/** The key that tokens are signed with. A KeyObject is made once; a string would be turned into one at every check. */
export function signingKeyOf(settings: Settings): KeyObject {
  return createSecretKey(Buffer.from(settings.secretKey));
}
