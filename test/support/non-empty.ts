/**
 * Returns the list as it is. For a loop over rows, routes or files that a test finds: with none it would test nothing.
 *
 * @throws Error when the list is empty
 */
export function nonEmpty<T>(list: T[]): T[] {
  if (list.length === 0) throw new Error('The list is empty, so a loop over it would test nothing');
  return list;
}
