import { round } from './statistics.js';

/**
 * The columns of the tables: each computes one printed figure from what was measured.
 *
 * @typedef {Record<string, number>} Figures rates per second, times in milliseconds, memory in megabytes
 *
 * @typedef {object} Measured medians over the rounds
 * @property {Figures} figures of the scenario
 * @property {Figures} baseline of what it is compared with; empty without one
 * @property {Figures} reference of the scenario that it names as its reference; empty if that was not measured
 *
 * @typedef {(measured: Measured) => number} Column
 */

/**
 * A figure of the scenario.
 *
 * @param {string} name
 * @param {number} [decimals]
 * @returns {Column}
 */
export function value(name, decimals) {
  return ({ figures }) => round(of(figures, name), decimals);
}

/**
 * A figure of the baseline.
 *
 * @param {string} name
 * @param {number} [decimals]
 * @returns {Column}
 */
export function baselineValue(name, decimals) {
  return ({ baseline }) => round(of(baseline, name), decimals);
}

/**
 * How many times the baseline's figure the scenario's is.
 *
 * @param {string} name
 * @returns {Column}
 */
export function ratioToBaseline(name) {
  return ({ figures, baseline }) => round(of(figures, name) / of(baseline, name), 2);
}

/**
 * How many times the baseline's time one request takes.
 *
 * @type {Column}
 */
export const costToBaseline = ({ figures, baseline }) =>
  round(of(baseline, 'perSecond') / of(figures, 'perSecond'), 2);

/**
 * How many times the baseline's processor time one request takes.
 *
 * @type {Column}
 */
export const cpuToBaseline = ({ figures, baseline }) =>
  round(of(figures, 'cpu') / of(figures, 'perSecond') / (of(baseline, 'cpu') / of(baseline, 'perSecond')), 2);

/**
 * How many times the reference's time one row takes.
 *
 * @type {Column}
 */
export const rowCostToReference = ({ figures, reference }) =>
  round(of(reference, 'rowsPerSecond') / of(figures, 'rowsPerSecond'), 2);

/**
 * @param {Figures} figures
 * @param {string} name
 */
function of(figures, name) {
  return figures[name] ?? NaN;
}
