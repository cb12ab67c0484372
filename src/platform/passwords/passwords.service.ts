import { createHmac } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { Injectable, Logger, type OnApplicationShutdown, ServiceUnavailableException } from '@nestjs/common';
import { Piscina } from 'piscina';
import { Settings } from '../config/settings.js';
import { opaqueString } from '../validation/opaque-string.js';
import { isTruncated } from './truncated-hash.js';

/** bcrypt reads this many bytes of a password and ignores the rest. */
const BCRYPT_LIMIT = 72;

/** The lowest priority there is: who waits for a quarter of a second notices no more, and who reads a list does. */
const LOWEST_PRIORITY = 19;

/**
 * Hashes and checks passwords with bcrypt, in worker threads: a hash takes a core for a quarter of a second. Workers start when
 * they are needed. One that can't start or crashes fails the requests that needed it, and the next one gets a new worker.
 */
@Injectable()
export class PasswordsService implements OnApplicationShutdown {
  private readonly workers = new Piscina({
    filename: fileURLToPath(new URL('./bcrypt.worker.js', import.meta.url)),
    minThreads: 0,
    maxThreads: Math.max(2, availableParallelism() - 1),
    idleTimeout: 60_000,
    niceIncrement: LOWEST_PRIORITY,
  });
  /** One for each task that has not ended. */
  private readonly tasks = new Set<AbortController>();
  private readonly logger = new Logger('Passwords');
  /** Has the form of a hash of the same cost, and no password leads to it. */
  private readonly hashOfNobody: string;

  constructor(private readonly settings: Settings) {
    this.hashOfNobody = `$2b$${String(settings.bcryptCost).padStart(2, '0')}$${'.'.repeat(53)}`;
    this.workers.on('error', (error: Error) => {
      this.logger.error({ err: error }, 'A worker has failed');
      // Tasks that wait for a worker hear nothing of the one that did not start.
      if (this.workers.threads.length === 0) for (const task of this.tasks) task.abort(error);
    });
  }

  /**
   * The bcrypt hash to store for a password, of which every byte counts.
   *
   * @throws ServiceUnavailableException when no worker can do it right now
   */
  hash(password: string): Promise<string> {
    return this.run('hash', {
      password: withinLimit(opaqueString(password)),
      cost: this.settings.bcryptCost,
    });
  }

  /**
   * Whether the password is the one behind the hash. A hash made before passwords were composed is matched by the form as
   * it was typed, a truncated one by the first 72 bytes. Without a hash the result is false, after the same time.
   *
   * @throws ServiceUnavailableException when no worker can do it right now
   */
  verify(password: string, hash: string | undefined): Promise<boolean> {
    const typed = [...new Set([opaqueString(password), password])];
    // Compared as often for every hash, so that the time does not tell which users came from the first version.
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
    const control = new AbortController();
    this.tasks.add(control);
    try {
      return (await this.workers.run(task, { name, signal: control.signal })) as T;
    } catch (error) {
      throw new ServiceUnavailableException('Passwords can not be checked right now', { cause: error });
    } finally {
      this.tasks.delete(control);
    }
  }
}

/**
 * A long password goes in as a digest. The key is no secret: it keeps the digest apart from plain SHA-256, which may have
 * leaked elsewhere and could otherwise be typed in the password's place.
 */
function withinLimit(password: string): string {
  if (!isLong(password)) return password;
  return createHmac('sha256', 'stock-tracker long password').update(password).digest('base64');
}

function isLong(password: string): boolean {
  return Buffer.byteLength(password) > BCRYPT_LIMIT;
}
