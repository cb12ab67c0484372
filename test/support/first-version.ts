import { copyFileSync } from 'node:fs';
import { chmod } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { JwtService } from '@nestjs/jwt';
import Sqlite from 'better-sqlite3';
import type { Program } from './program.js';

/** The folder with databases that the first version left behind. */
export const FIXTURES = fileURLToPath(new URL('../../../shared/first-version/', import.meta.url));
/** The key that they were made with. */
export const SECRET_KEY = 'a-test-secret-that-is-long-enough-0123456789';

/** A token as the first version made it. */
export function tokenOf(userId: number, role: string, type: 'access' | 'refresh'): string {
  return new JwtService({ secret: SECRET_KEY }).sign({ sub: String(userId), role, type }, { expiresIn: 900 });
}

/** Puts a copy of such a database where the program looks for it. */
export async function placeFirstVersion(file: string, name = 'stock_tracker.db'): Promise<void> {
  copyFileSync(join(FIXTURES, name), file);
  await chmod(file, 0o644);
  // They ran out a week after they were made.
  changeFile(file, `update refresh_tokens set expires_at = '2099-12-31T19:20:42.261955+00:00'`);
}

/** Changes a file as no program would: whatever its constraints say. */
export function changeFile(file: string, statements: string): void {
  const database = new Sqlite(file);
  database.unsafeMode();
  database.pragma('ignore_check_constraints = on');
  database.pragma('foreign_keys = off');
  database.exec(statements);
  database.close();
}

/** What the program said about the adoption. */
export function adoptionLog({ stdout }: Program): string[] {
  return stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { context?: string; msg: string })
    .filter(({ context }) => context === 'Adoption')
    .map(({ msg }) => msg);
}

/** The time that the first version wrote, as this program tells it. */
export function timeOf(time: unknown): string | null {
  if (typeof time !== 'string') return null;
  const [seconds = '', fraction = '000'] = time.replace(' ', 'T').replace('+00:00', '').split('.');
  return `${seconds}.${fraction.slice(0, 3)}Z`;
}
