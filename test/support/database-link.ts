import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { findFreePort } from './free-port.js';

/** The way from a program to its PostgreSQL server, which a test can cut, silence and mend. Cut at first. */
export class DatabaseLink {
  private readonly sockets = new Set<Socket>();
  private server: Server | undefined;
  private isSilent = false;

  private constructor(
    private readonly target: URL,
    private readonly port: number,
  ) {}

  static async to(databaseUrl: string): Promise<DatabaseLink> {
    return new DatabaseLink(new URL(databaseUrl), await findFreePort());
  }

  /** The database's URL by way of this link. */
  get url(): string {
    const url = new URL(this.target);
    url.hostname = '127.0.0.1';
    url.port = String(this.port);
    return url.href;
  }

  /** Lets everything through. What was lost stays lost. */
  async mend(): Promise<void> {
    this.cut();
    this.isSilent = false;
    this.server = createServer((socket) => {
      this.join(socket);
    }).listen(this.port, '127.0.0.1');
    await once(this.server, 'listening');
  }

  /** Ends every connection and refuses new ones. */
  cut(): void {
    this.server?.close();
    this.server = undefined;
    for (const socket of this.sockets) socket.destroy();
  }

  /** Keeps every connection and takes new ones, and lets nothing through: a server that hangs. */
  silence(): void {
    this.isSilent = true;
  }

  private join(program: Socket): void {
    const server = connect(Number(this.target.port || 5432), this.target.hostname);
    for (const [from, to] of [
      [program, server],
      [server, program],
    ] as const) {
      this.sockets.add(from);
      from.on('data', (data) => {
        if (!this.isSilent) to.write(data);
      });
      from.on('error', () => undefined);
      from.on('close', () => {
        this.sockets.delete(from);
        to.destroy();
      });
    }
  }
}
