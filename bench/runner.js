import { withShop } from './shop.js';
import { mediansOf } from './statistics.js';

/**
 * What is measured, and with what it is compared.
 *
 * @typedef {object} Scenario
 * @property {string} name
 * @property {import('./shop.js').Database} database scenarios of a group that name the same one share a shop
 * @property {Measurement} measure
 * @property {LoadRequest[]} requests sent one after the other, again and again
 * @property {number} [clients] how many send them at the same time, where it isn't the load generator that sends them
 * @property {number} [rows] how many rows a response has
 * @property {(shop: Shop, scenario: Scenario) => Promise<Partial<Scenario>>} [prepare] runs once before the first round,
 *   and returns what it changes in the scenario
 * @property {Partial<Scenario>} [baseline] the scenario with which it is compared, as what differs in it
 * @property {string} [reference] the name of an earlier scenario with which it is compared
 * @property {Record<string, import('./columns.js').Column>} columns what is printed
 *
 * @typedef {object} Group scenarios that are printed as one table
 * @property {string} title
 * @property {Scenario[]} scenarios
 *
 * @typedef {(shop: Shop, scenario: Scenario) => Promise<Figures>} Measurement
 * @typedef {import('./columns.js').Figures} Figures
 * @typedef {import('./load.js').LoadRequest} LoadRequest
 * @typedef {import('./shop.js').Shop} Shop
 * @typedef {{ what: string } & Record<string, string | number>} Row a scenario's name and its printed figures
 *
 * @typedef {object} Options
 * @property {number} seconds how long a measurement lasts
 * @property {number} rounds
 * @property {string} only measures the scenarios that have this in their names
 * @property {string | undefined} postgres a server, for the scenarios that need PostgreSQL
 */

/**
 * Measures the chosen scenarios of a group.
 *
 * @param {Group} group
 * @param {Options} options
 */
export async function measureGroup({ scenarios }, options) {
  /** @type {Row[]} */
  const rows = [];
  /** @type {Map<string, Figures>} */
  const measured = new Map();
  const chosen = scenarios.filter(
    ({ name, database: { engine } }) =>
      name.includes(options.only) && (engine === 'SQLite' || options.postgres !== undefined),
  );
  for (const [database, sharing] of byDatabase(chosen)) {
    await withShop(database, options, async (shop) => {
      for (const scenario of sharing) {
        const { figures, baseline } = await measureScenario(shop, scenario, options.rounds);
        measured.set(scenario.name, figures);
        const reference = measured.get(scenario.reference ?? '') ?? {};
        /** @type {Row} */
        const row = { what: scenario.name };
        for (const [title, column] of Object.entries(scenario.columns))
          row[title] = column({ figures, baseline, reference });
        rows.push(row);
      }
    });
  }
  return rows;
}

/** @param {Scenario[]} scenarios */
function byDatabase(scenarios) {
  /** @type {Map<import('./shop.js').Database, Scenario[]>} */
  const groups = new Map();
  for (const scenario of scenarios)
    groups.set(scenario.database, [...(groups.get(scenario.database) ?? []), scenario]);
  return groups;
}

/**
 * Measures the baseline and the scenario once to warm up, and then in alternation: what disturbs the machine for a while
 * disturbs both.
 *
 * @param {Shop} shop
 * @param {Scenario} declared
 * @param {number} rounds
 * @returns {Promise<{ figures: Figures, baseline: Figures }>} the medians over the rounds
 */
async function measureScenario(shop, declared, rounds) {
  const scenario = { ...declared, ...(await declared.prepare?.(shop, declared)) };
  const compared = scenario.baseline && { ...scenario, ...scenario.baseline };
  /** @type {Figures[]} */
  const own = [];
  /** @type {Figures[]} */
  const baseline = [];
  for (let round = 0; round <= rounds; round++) {
    const comparedFigures = await compared?.measure(shop, compared);
    const figures = await scenario.measure(shop, scenario);
    if (round === 0) continue;
    if (comparedFigures) baseline.push(comparedFigures);
    own.push(figures);
  }
  return { figures: mediansOf(own), baseline: mediansOf(baseline) };
}
