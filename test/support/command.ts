import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';

/** What a command of the terminal leaves behind. */
export interface Outcome {
  /** The exit code, or null when a signal ended it. */
  code: number | null;
  stdout: string;
  stderr: string;
}

/** The built command in a process of its own, as an operator runs it. `npm test` builds it before. */
export function startCommand(
  name: 'backup' | 'move-database' | 'restore' | 'ledger:verify',
  options: string[],
  environment: Record<string, string>,
): { process: ChildProcess; ended: Promise<Outcome> } {
  const entry = fileURLToPath(new URL(`../../dist/cli/main.js`, import.meta.url));
  const child = spawn(process.execPath, [entry, name, ...options], {
    env: { PATH: process.env.PATH, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = Promise.all([once(child, 'close'), text(child.stdout), text(child.stderr)]).then(
    ([[code], stdout, stderr]) => ({ code: code as number | null, stdout, stderr }),
  );
  return { process: child, ended };
}
