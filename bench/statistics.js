/**
 * The median; of an even number of values, the mean of the two in the middle. NaN of none.
 *
 * @param {number[]} values
 */
export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? NaN) + upper) / 2;
}

/**
 * The median of each figure.
 *
 * @param {Record<string, number>[]} rounds the same figures, once for each round
 */
export function mediansOf(rounds) {
  return Object.fromEntries(
    Object.keys(rounds[0] ?? {}).map((name) => [name, median(rounds.map((figures) => figures[name] ?? NaN))]),
  );
}

/**
 * @param {number} number
 * @param {number} [decimals]
 */
export function round(number, decimals = 0) {
  return Number(number.toFixed(decimals));
}
