import { Readable } from 'node:stream';
import type { Role } from '../platform/authorization/role.js';

/** What a client may leave unread, in bytes, before it is cut off. It resumes with the last event that it has. */
const MAX_UNREAD_BYTES = 1_000_000;

/** When a client whose connection ended connects again. */
const RETRY_MS = 2_000;

/**
 * The events that one client reads (Server-Sent Events, https://html.spec.whatwg.org/multipage/server-sent-events.html). It ends
 * when the client disconnects.
 */
export class EventStream extends Readable {
  private continueWriting: (() => void) | undefined;

  /**
   * @param accessToken with which it was opened
   * @param role of the user, who may get another one meanwhile
   */
  constructor(
    readonly accessToken: string,
    public role: Role,
  ) {
    super();
    this.push(`retry: ${RETRY_MS}\n\n`);
  }

  override _read(): void {
    this.continueWriting?.();
    this.continueWriting = undefined;
  }

  /** Sends events, and cuts off a client that reads too slowly. */
  send(events: string): void {
    if (this.destroyed) return;
    if (this.readableLength > MAX_UNREAD_BYTES) this.destroy();
    else this.push(events);
  }

  /** Sends events, and waits until the client has read most of them. Returns whether it still listens. */
  async sendSlowly(events: string): Promise<boolean> {
    if (this.destroyed) return false;
    if (!this.push(events)) {
      await new Promise<void>((resolve) => {
        this.continueWriting = resolve;
        this.once('close', resolve);
      });
    }
    return !this.destroyed;
  }

  /** Keeps proxies from closing a connection on which nothing happens. */
  sendHeartbeat(): void {
    this.send(':\n\n');
  }

  end(): void {
    if (!this.destroyed) this.push(null);
  }
}

/** One event, as text. */
export function eventOf(id: number, data: object): string {
  return `id: ${id}\ndata: ${JSON.stringify(data)}\n\n`;
}
