import { Logger } from '@nestjs/common';
import { Piscina } from 'piscina';

type Options = Omit<NonNullable<ConstructorParameters<typeof Piscina>[0]>, 'minThreads'>;

/**
 * Worker threads that start on demand. If one can't start or crashes, its tasks fail, and the next task gets a new one.
 */
export class ThreadPool {
  private readonly piscina: Piscina;
  /** One per running task. */
  private readonly tasks = new Set<AbortController>();

  /** @param name in the log */
  constructor(name: string, options: Options) {
    const logger = new Logger(name);
    this.piscina = new Piscina({ ...options, minThreads: 0 });
    this.piscina.on('error', (error: Error) => {
      logger.error({ err: error }, 'A worker has failed');
      // Piscina does not report a worker that failed to start to the tasks that wait for it.
      if (this.piscina.threads.length === 0) for (const task of this.tasks) task.abort(error);
    });
  }

  /**
   * Runs a function of the worker's file.
   *
   * @throws what it throws, and an error of the worker
   */
  async run<Result>(name: string, task: object): Promise<Result> {
    const control = new AbortController();
    this.tasks.add(control);
    try {
      return (await this.piscina.run(task, { name, signal: control.signal })) as Result;
    } finally {
      this.tasks.delete(control);
    }
  }

  async destroy(): Promise<void> {
    await this.piscina.destroy();
  }
}
