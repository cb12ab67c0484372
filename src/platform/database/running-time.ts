/** Into so many parts is a time divided. */
const PARTS = 8;

/**
 * Calls back once, after about so many milliseconds in which this program has run. When it stands still, because a computer sleeps or is
 * overloaded, it hears of no answer either: as it goes on, its timers come first, and would take what waits to be read for missing.
 *
 * @returns stops it
 */
export function afterRunningFor(milliseconds: number, callBack: () => void): () => void {
  let left = PARTS;
  const timer = setInterval(() => {
    if (--left > 0) return;
    clearInterval(timer);
    callBack();
  }, milliseconds / PARTS);
  return () => {
    clearInterval(timer);
  };
}
