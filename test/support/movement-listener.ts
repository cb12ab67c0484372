import { setTimeout as sleep } from 'node:timers/promises';

/** How long one listens before it connects again, at most, in milliseconds. */
const MAX_PATIENCE_MS = 400;

/**
 * Listens to movements as a tablet on bad Wi-Fi does: it loses the connection again and again, also in the middle of an event,
 * connects to any of the replicas, and continues after the last event that it has. It keeps ids only.
 */
export class MovementListener {
  readonly ids: number[] = [];
  connections = 0;
  private isEnding = false;
  private readonly listening: Promise<void>;

  /** @param after the id after which it begins */
  constructor(
    private readonly origins: readonly string[],
    private readonly accessToken: string,
    private readonly after: number,
  ) {
    this.listening = this.listen();
  }

  async end(): Promise<void> {
    this.isEnding = true;
    await this.listening;
  }

  private async listen(): Promise<void> {
    while (!this.isEnding) {
      // A replica may be down.
      await this.connect().catch(() => sleep(20));
    }
  }

  private async connect(): Promise<void> {
    const origin = this.origins[Math.floor(Math.random() * this.origins.length)];
    const response = await fetch(`${origin}/api/v1/stock/stream?after=${this.after}`, {
      headers: {
        Authorization: `Bearer ${this.accessToken}`,
        ...(this.ids.length > 0 && { 'Last-Event-ID': String(this.ids.at(-1)) }),
      },
      signal: AbortSignal.timeout(20 + Math.round(Math.random() * MAX_PATIENCE_MS)),
    });
    if (response.status !== 200) throw new Error(`${response.status}: ${await response.text()}`);
    this.connections++;
    let text = '';
    for await (const chunk of (response.body as ReadableStream<Uint8Array>).pipeThrough(
      new TextDecoderStream(),
    )) {
      text += chunk;
      const end = text.lastIndexOf('\n\n');
      if (end < 0) continue;
      for (const [, id] of text.slice(0, end).matchAll(/^id: (\d+)$/gm)) this.ids.push(Number(id));
      text = text.slice(end + 2);
    }
  }
}
