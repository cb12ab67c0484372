import { chmodSync, closeSync, mkdirSync, openSync, realpathSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { Logger } from '@nestjs/common';

/** What SQLite keeps beside a database, by the end of its name: it belongs to that one, and would ruin another. */
export const SIDECAR_SUFFIXES = ['-wal', '-shm', '-journal'];

/** The bits of a mode that let the group and everybody else in. */
const OTHERS = 0o077;

/**
 * Creates an SQLite file, and its folder, where there is none yet. Only its owner may read and write it, as it will hold
 * password hashes. SQLite gives what it keeps beside the file the same mode.
 */
export function createForOwner(file: string): void {
  mkdirSync(dirname(file), { recursive: true });
  if (!statSync(file, { throwIfNoEntry: false })) closeSync(openSync(file, 'a', 0o600));
}

/**
 * Takes the rights of everybody but the owner from an SQLite file and from what SQLite keeps beside it. Some file systems know
 * no modes, and some files have another owner: that is logged, and ends nothing.
 */
export function restrictToOwner(file: string): void {
  // SQLite looks beside the file that a link leads to.
  const real = realpathSync(file);
  for (const end of ['', ...SIDECAR_SUFFIXES]) restrict(real + end);
}

function restrict(file: string): void {
  try {
    const { mode } = statSync(file);
    if (mode & OTHERS) chmodSync(file, mode & 0o777 & ~OTHERS);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code !== 'ENOENT') new Logger('Database').warn(`Others may read ${file}: ${message}`);
  }
}
