const TERMINAL_INTERVAL_MS = 100;
const LOG_INTERVAL_MS = 1_000;
const CLEAR_LINE = '\r\x1b[K';

/** Shows progress: on a terminal in one line that is overwritten, elsewhere as occasional lines. */
export class ProgressLine {
  private readonly intervalMs: number;
  private shownAt = Date.now();

  constructor(private readonly output: NodeJS.WriteStream) {
    this.intervalMs = output.isTTY ? TERMINAL_INTERVAL_MS : LOG_INTERVAL_MS;
  }

  /** @param text what is done, such as `items: 500 of 2000 rows` */
  show(text: string, done: number, total: number): void {
    if (Date.now() - this.shownAt < this.intervalMs) return;
    this.shownAt = Date.now();
    const line = `${text} (${Math.floor((100 * done) / total)} %)`;
    this.output.write(this.output.isTTY ? CLEAR_LINE + line : `${line}\n`);
  }

  /** Removes the line from a terminal. */
  clear(): void {
    if (this.output.isTTY) this.output.write(CLEAR_LINE);
  }
}
