import { writeFile } from 'node:fs/promises';
import { availableParallelism, cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { LOADER } from './load.js';
import { measureGroup } from './runner.js';
import { GROUPS } from './scenarios.js';

/**
 * Measures this program with production settings: beside the floor (floor.js) on the same SQLite file, and in other ways
 * that scenarios.js lists. Only figures of one run can be compared, as machines are never quiet.
 *
 *   npm run bench -- [--seconds 3] [--rounds 5] [--only "one item"] [--json FILE] [--postgres postgresql://user@host/name]
 */
const { values: options } = parseArgs({
  options: {
    seconds: { type: 'string', default: '3' },
    rounds: { type: 'string', default: '5' },
    only: { type: 'string', default: '' },
    json: { type: 'string' },
    postgres: { type: 'string' },
  },
});
const seconds = Number(options.seconds);
const rounds = Number(options.rounds);
const { only, json, postgres } = options;

const machine = `${cpus()[0]?.model}, ${availableParallelism()} cores, Node ${process.version}, ${LOADER}`;
const date = new Date().toISOString();
console.log(`${machine}\n${date}, medians of ${rounds} rounds of ${seconds} s\n`);

/** @type {import('./runner.js').Row[]} */
const rows = [];
for (const group of GROUPS) {
  const measured = await measureGroup(group, { seconds, rounds, only, postgres });
  if (measured.length === 0) continue;
  console.log(group.title);
  console.table(Object.fromEntries(measured.map(({ what, ...figures }) => [what, figures])));
  rows.push(...measured);
}
if (json) await writeFile(json, `${JSON.stringify({ machine, date, rows }, null, 2)}\n`);
