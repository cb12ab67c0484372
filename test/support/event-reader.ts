/** An event of a stream of Server-Sent Events. */
export interface StreamedEvent {
  id: number;
  data: Record<string, unknown>;
}

/** Reads a stream of Server-Sent Events as a client does, until it is closed or the server ends it. */
export class EventReader {
  readonly events: StreamedEvent[] = [];
  readonly comments: string[] = [];
  private waiting: { count: number; resolve: () => void } | undefined;

  private constructor(
    readonly headers: Headers,
    private readonly controller: AbortController,
  ) {}

  /** @param headers beside that of the access token */
  static async open(
    url: string,
    accessToken: string | undefined,
    headers: Record<string, string> = {},
  ): Promise<EventReader> {
    const controller = new AbortController();
    const response = await fetch(url, {
      headers: { Authorization: `Bearer ${accessToken}`, ...headers },
      signal: controller.signal,
    });
    if (response.status !== 200) throw new Error(`${response.status}: ${await response.text()}`);
    const reader = new EventReader(response.headers, controller);
    reader.ended = reader.read(response.body as ReadableStream<Uint8Array>).catch(() => undefined);
    return reader;
  }

  /** Resolves when the stream has ended. */
  ended!: Promise<void>;

  get ids(): number[] {
    return this.events.map(({ id }) => id);
  }

  /** Waits for so many events in all. */
  async atLeast(count: number): Promise<void> {
    if (this.events.length >= count) return;
    await new Promise<void>((resolve) => {
      this.waiting = { count, resolve };
    });
  }

  async close(): Promise<void> {
    this.controller.abort();
    await this.ended;
  }

  private async read(body: ReadableStream<Uint8Array>): Promise<void> {
    let text = '';
    for await (const chunk of body.pipeThrough(new TextDecoderStream())) {
      text += chunk;
      for (let end: number; (end = text.indexOf('\n\n')) >= 0; text = text.slice(end + 2)) {
        this.add(text.slice(0, end));
      }
    }
  }

  private add(block: string): void {
    if (block.startsWith(':')) this.comments.push(block);
    const [, id, data] = /^id: (\d+)\ndata: (.*)$/.exec(block) ?? [];
    if (id === undefined || data === undefined) return;
    this.events.push({ id: Number(id), data: JSON.parse(data) as Record<string, unknown> });
    if (this.waiting && this.events.length >= this.waiting.count) this.waiting.resolve();
  }
}
