import { createHmac } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { Piscina } from 'piscina';
import { Settings } from '../config/settings.js';

/** bcrypt reads this many bytes of a password and ignores the rest. */
const BCRYPT_LIMIT = 72;

/** The lowest priority there is: who waits for a quarter of a second notices no more, and who reads a list does. */
const LOWEST_PRIORITY = 19;

/** Hashes and checks passwords with bcrypt, in worker threads: a hash takes a core for a quarter of a second. */
@Injectable()
export class PasswordsService implements OnApplicationShutdown {
  private readonly workers = new Piscina({
    filename: fileURLToPath(new URL('./bcrypt.worker.js', import.meta.url)),
    minThreads: 0,
    maxThreads: Math.max(2, availableParallelism() - 1),
    idleTimeout: 60_000,
    niceIncrement: LOWEST_PRIORITY,
  });
  /** Has the form of a hash of the same cost, and no password leads to it. */
  private readonly hashOfNobody: string;

  constructor(private readonly settings: Settings) {
    this.hashOfNobody = `$2b$${String(settings.bcryptCost).padStart(2, '0')}$${'.'.repeat(53)}`;
  }

  /** The bcrypt hash to store for a password, of which every byte counts. */
  hash(password: string): Promise<string> {
    const task = { password: withinLimit(password), cost: this.settings.bcryptCost };
    return this.workers.run(task, { name: 'hash' }) as Promise<string>;
  }

  /** Whether the password is the one behind the hash. Without a hash the answer is no, after the same time. */
  verify(password: string, hash: string | undefined): Promise<boolean> {
    const task = { password: withinLimit(password), hash: hash ?? this.hashOfNobody };
    return this.workers.run(task, { name: 'verify' }) as Promise<boolean>;
  }

  async onApplicationShutdown(): Promise<void> {
    await this.workers.destroy();
  }
}

/**
 * A long password goes in as a digest. The key is no secret: it keeps the digest apart from plain SHA-256, which may have
 * leaked elsewhere and could otherwise be typed in the password's place.
 */
function withinLimit(password: string): string {
  if (Buffer.byteLength(password) <= BCRYPT_LIMIT) return password;
  return createHmac('sha256', 'stock-tracker long password').update(password).digest('base64');
}
