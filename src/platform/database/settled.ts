/**
 * The value of a promise that has settled. Statements that are sent together must all have ended before the transaction does, so
 * `Promise.allSettled` waits for them, and this throws the error of the first that failed.
 */
export function valueOf<T>(settled: PromiseSettledResult<T>): T {
  if (settled.status === 'rejected') throw settled.reason;
  return settled.value;
}
