import { chmodSync, closeSync, mkdirSync, openSync, realpathSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { Logger } from '@nestjs/common';

/** Suffixes of the files that SQLite keeps beside a database. They belong to that database and would ruin another. */
export const SIDECAR_SUFFIXES = ['-wal', '-shm', '-journal'];

/** The bits of a file mode for the group and for everybody else. */
const OTHERS = 0o077;

/**
 * Creates an SQLite file and its folder if there is none. Only the owner may read and write it, because it will hold
 * password hashes. SQLite gives the sidecar files the same mode.
 */
export function createForOwner(file: string): void {
  mkdirSync(dirname(file), { recursive: true });
  if (!statSync(file, { throwIfNoEntry: false })) closeSync(openSync(file, 'a', 0o600));
}

/**
 * Lets nobody but the owner read or write an SQLite file and its sidecar files. Some file systems have no modes, and some files
 * have another owner: then it logs a warning.
 */
export function restrictToOwner(file: string): void {
  // The sidecar files are beside the target of a link.
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
