import type { RowStream } from '../database/row-stream.js';

/** Serializes batches of rows as one JSON array, in chunks. */
export type ListWriter<Row> = (batches: AsyncIterable<Row[]>) => AsyncIterable<string>;

/**
 * The response of a list that is too long for memory: chunks of JSON, produced as fast as the client reads them. Nest sends
 * nothing before the first chunk, so that an error until then gets a normal error response. A later error aborts the
 * connection, so that no client takes a part for the whole list.
 */
export class ListStream implements AsyncIterable<string> {
  private constructor(
    /** For further queries in the same snapshot. */
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
      // A client may disconnect, or want only the headers, before the first chunk has been asked for.
      return: () => this.rows.return(),
    };
  }
}

/** Serializes one object for each row. */
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
