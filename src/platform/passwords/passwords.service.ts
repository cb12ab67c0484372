import { createHmac } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { Injectable, type OnApplicationShutdown, ServiceUnavailableException } from '@nestjs/common';
import { Settings } from '../config/settings.js';
import { ThreadPool } from '../threads/thread-pool.js';
import { opaqueString } from '../validation/opaque-string.js';
import { isTruncated } from './truncated-hash.js';

/** In bytes. bcrypt ignores the rest of a password. */
const BCRYPT_LIMIT = 72;

/** Hashing takes a quarter of a second anyway, so other requests go first. */
const LOWEST_PRIORITY = 19;

/** Hashes and checks passwords with bcrypt in worker threads, because a hash occupies a core for a quarter of a second. */
@Injectable()
export class PasswordsService implements OnApplicationShutdown {
  private readonly workers = new ThreadPool('Passwords', {
    filename: fileURLToPath(new URL('./bcrypt.worker.js', import.meta.url)),
    maxThreads: Math.max(2, availableParallelism() - 1),
    // A thread has 10 MB, and a new one is there in less than a tenth of a second.
    idleTimeout: 10_000,
    niceIncrement: LOWEST_PRIORITY,
  });
  /** A hash of the same cost that no password matches. */
  private readonly hashOfNobody: string;

  constructor(private readonly settings: Settings) {
    this.hashOfNobody = `$2b$${String(settings.bcryptCost).padStart(2, '0')}$${'.'.repeat(53)}`;
  }

  /**
   * Returns the bcrypt hash of a password. Every byte of the password counts.
   *
   * @throws ServiceUnavailableException when no worker is available
   */
  hash(password: string): Promise<string> {
    return this.run('hash', {
      password: withinLimit(opaqueString(password)),
      cost: this.settings.bcryptCost,
    });
  }

  /**
   * Returns whether a password matches a hash. Also accepts the password as typed, for hashes from before passwords were
   * normalized, and its first 72 bytes for truncated hashes. Without a hash the result is false, after the same time.
   *
   * @throws ServiceUnavailableException when no worker is available
   */
  verify(password: string, hash: string | undefined): Promise<boolean> {
    const typed = [...new Set([opaqueString(password), password])];
    // The same number of comparisons for every hash, so that the time does not reveal users of the first version.
    const truncated = typed.filter(isLong).map((long) => (isTruncated(hash) ? long : withinLimit(long)));
    return this.run('verify', {
      passwords: [...typed.map(withinLimit), ...truncated],
      hash: hash ?? this.hashOfNobody,
    });
  }

  async onApplicationShutdown(): Promise<void> {
    await this.workers.destroy();
  }

  private async run<T>(name: string, task: Record<string, unknown>): Promise<T> {
    try {
      return await this.workers.run<T>(name, task);
    } catch (error) {
      throw new ServiceUnavailableException('Passwords can not be checked right now', { cause: error });
    }
  }
}

/**
 * Replaces a long password by its digest. The key is not secret. It makes the digest differ from plain SHA-256, which may
 * have leaked elsewhere and could otherwise be used as the password.
 */
function withinLimit(password: string): string {
  if (!isLong(password)) return password;
  return createHmac('sha256', 'stock-tracker long password').update(password).digest('base64');
}

function isLong(password: string): boolean {
  return Buffer.byteLength(password) > BCRYPT_LIMIT;
}
