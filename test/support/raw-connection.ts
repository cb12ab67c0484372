import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

/** A connection that sends what no HTTP client would, and keeps what comes back. */
export class RawConnection {
  private static readonly open = new Set<RawConnection>();

  received = '';
  /** Done when the connection is closed, by whatever end and in whatever way. */
  readonly closed: Promise<void>;

  private constructor(private readonly socket: Socket) {
    socket.setEncoding('latin1').on('data', (text: string) => (this.received += text));
    RawConnection.open.add(this);
    this.closed = new Promise((resolve) => {
      socket.once('close', () => {
        RawConnection.open.delete(this);
        resolve();
      });
    });
    // Bytes that are sent to a server which has given up are answered with a reset.
    socket.on('error', () => undefined);
  }

  static async to(origin: string): Promise<RawConnection> {
    const { hostname, port } = new URL(origin);
    const socket = connect(Number(port), hostname);
    await once(socket, 'connect');
    return new RawConnection(socket);
  }

  static manyTo(origin: string, count: number): Promise<RawConnection[]> {
    return Promise.all(Array.from({ length: count }, () => RawConnection.to(origin)));
  }

  /** Closes what a failed test has left open. */
  static closeAll(): void {
    for (const connection of RawConnection.open) connection.close();
  }

  get isOpen(): boolean {
    return !this.socket.destroyed;
  }

  /** The statuses of the answers so far, in their order. */
  get statuses(): number[] {
    return [...this.received.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map(([, status]) => Number(status));
  }

  send(text: string): void {
    this.socket.write(text, 'latin1');
  }

  /** Sends a character of the text at a time, until it or the connection ends. */
  drip(text: string, interval: number): void {
    let sent = 0;
    const timer = setInterval(() => {
      this.send(text.charAt(sent++));
      if (sent === text.length) clearInterval(timer);
    }, interval);
    void this.closed.then(() => {
      clearInterval(timer);
    });
  }

  /** Leaves unread what comes. */
  stopReading(): void {
    this.socket.pause();
  }

  close(): void {
    this.socket.destroy();
  }
}
