import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/**
 * Runs a command of the built program: `node build/run.js backup FILE`. It does not build: that takes a while, and the image
 * has nothing to build with.
 */
const entry = new URL('../dist/cli/main.js', import.meta.url);
if (existsSync(entry)) {
  process.argv[1] = fileURLToPath(entry);
  await import(entry.href);
} else {
  process.stderr.write('Nothing is built yet: run npm run build first.\n');
  process.exitCode = 1;
}
