/** Rows that one statement writes. */
const MAX_CHUNK_SIZE = 16;

/** Of 16, 8, 4, 2 and 1 rows: so there are few statements to prepare, however many rows come. */
export function* chunksOf<Row>(rows: readonly Row[]): Iterable<Row[]> {
  for (let [start, size] = [0, MAX_CHUNK_SIZE]; start < rows.length; start += size) {
    while (size > rows.length - start) size /= 2;
    yield rows.slice(start, start + size);
  }
}
