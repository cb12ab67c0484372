import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const PACKAGE = new URL('../../package.json', import.meta.url);
const { main } = JSON.parse(readFileSync(PACKAGE, 'utf8')) as { main: string };
const ENTRY = fileURLToPath(new URL(main, PACKAGE));
const READY = /is ready at (http:\/\/[^\s,]+)/;

/** The built program in a process of its own, started as an operator starts it. `npm test` builds it before. */
export class Program {
  private static readonly running = new Set<Program>();

  stdout = '';
  stderr = '';
  /** Where it listens, as its log says; rejected when it ends before. */
  readonly ready: Promise<URL>;
  /** The exit code, or null when a signal ended it. */
  readonly ended: Promise<number | null>;
  private readonly process;

  /**
   * @param folder the working folder
   * @param environment all that it sees of the world, on top of a free port and a cheap hash
   * @param wrapper a command that prepares the surroundings and becomes the program, which follows as its arguments
   */
  constructor(folder: string, environment: Record<string, string> = {}, wrapper: string[] = []) {
    const BCRYPT_COST = environment.NODE_ENV === 'production' ? '10' : '4';
    const env = { PORT: '0', BCRYPT_COST, ...environment };
    const [command, ...parts] = [...wrapper, process.execPath, ENTRY];
    this.process = spawn(command, parts, {
      cwd: folder,
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    Program.running.add(this);
    this.ended = once(this.process, 'close').then(([code]) => {
      Program.running.delete(this);
      return code as number | null;
    });
    this.process.stderr.setEncoding('utf8').on('data', (text: string) => (this.stderr += text));
    this.ready = new Promise((resolve, reject) => {
      this.process.stdout.setEncoding('utf8').on('data', (text: string) => {
        this.stdout += text;
        const url = READY.exec(this.stdout)?.[1];
        if (url) resolve(new URL(url));
      });
      void this.ended.then(() => {
        reject(new Error(`The program ended before it was ready: ${this.stderr}`));
      });
    });
    // Not every test waits for it.
    this.ready.catch(() => undefined);
  }

  get pid(): number | undefined {
    return this.process.pid;
  }

  /** Ends what a failed test has left running. */
  static async endAll(): Promise<void> {
    await Promise.all([...Program.running].map((program) => program.end('SIGKILL')));
  }

  /** Returns the exit code. */
  end(signal: NodeJS.Signals = 'SIGTERM'): Promise<number | null> {
    this.process.kill(signal);
    return this.ended;
  }
}
