import type { RowStream } from '../database/row-stream.js';

/** Writes the rows of a list, which come in batches, as the text of one JSON array, piece by piece. */
export type ListWriter<Row> = (batches: AsyncIterable<Row[]>) => AsyncIterable<string>;

/**
 * The answer of a list that is too long to be held in memory: the pieces of its JSON, made as fast as the client takes
 * them. Nest sends them with the first one at hand, so that an error before it is answered as any other, and breaks the
 * answer off at a later one, so that nobody takes the part for the whole.
 */
export class ListStream implements AsyncIterable<string> {
  private constructor(
    /** For what else is to be read in their snapshot. */
    readonly rows: Pick<RowStream<unknown>, 'read' | 'return'>,
    private readonly pieces: AsyncIterable<string>,
  ) {}

  static of<Row>(rows: RowStream<Row>, write: ListWriter<Row>): ListStream {
    return new ListStream(rows, write(rows));
  }

  [Symbol.asyncIterator](): AsyncIterator<string> {
    const pieces = this.pieces[Symbol.asyncIterator]();
    return {
      next: () => pieces.next(),
      // A client may leave, or want the headers alone, before the pieces know of the rows.
      return: () => this.rows.return(),
    };
  }
}

/** Writes an object for each row. */
export function arrayOf<Row>(objectOf: (row: Row) => unknown): ListWriter<Row> {
  return async function* (batches) {
    let before = '[';
    for await (const batch of batches) {
      yield before + JSON.stringify(batch.map(objectOf)).slice(1, -1);
      before = ',';
    }
    yield before === '[' ? '[]' : ']';
  };
}
