import { readFile } from 'node:fs/promises';

/**
 * Prints the figures of two runs of the benchmark side by side.
 *
 *   npm run bench:compare -- A.json B.json
 *
 * @typedef {{ machine: string, date: string, rows: ({ what: string } & Record<string, number>)[] }} Run
 */
const [before, after] = await Promise.all(process.argv.slice(2, 4).map(read));
if (!before || !after) {
  console.error('Usage: npm run bench:compare -- A.json B.json');
  process.exit(1);
}
console.log(`A: ${before.date}, ${before.machine}\nB: ${after.date}, ${after.machine}`);
if (before.machine !== after.machine)
  console.log('These are different machines: only ratios can be compared.');

/** @type {Record<string, object>} */
const table = {};
for (const { what, ...figures } of after.rows) {
  const earlier = before.rows.find((row) => row.what === what);
  for (const [name, value] of Object.entries(figures)) {
    const was = earlier?.[name];
    if (was === undefined) continue;
    table[`${what}: ${name}`] = { A: was, B: value, 'B / A': Number((value / was).toFixed(2)) };
  }
}
console.table(table);

/**
 * @param {string} file
 * @returns {Promise<Run>}
 */
async function read(file) {
  const run = /** @type {unknown} */ (JSON.parse(await readFile(file, 'utf8')));
  return /** @type {Run} */ (run);
}
