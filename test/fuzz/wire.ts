import { once } from 'node:events';
import { Agent, type IncomingHttpHeaders, type IncomingMessage, request } from 'node:http';

export interface WireRequest {
  method: string;
  /** With the query, encoded as it goes over the wire. */
  path: string;
  headers: Record<string, string>;
  body?: string | Buffer;
}

export interface WireResponse {
  status: number;
  headers: IncomingHttpHeaders;
  text: string;
}

/** Longer than any request takes. */
const TIMEOUT_MS = 20_000;

/** A client that sends any method and path, and a body with each of them. */
export class Wire {
  private readonly agent = new Agent({ keepAlive: true });

  constructor(private readonly origin: URL) {}

  async send({ method, path, headers, body }: WireRequest): Promise<WireResponse> {
    const { hostname, port } = this.origin;
    const signal = AbortSignal.timeout(TIMEOUT_MS);
    const outgoing = request({ hostname, port, method, path, headers, agent: this.agent, signal });
    const responded = once(outgoing, 'response') as Promise<[IncomingMessage]>;
    if (body !== undefined) outgoing.setHeader('Content-Length', Buffer.byteLength(body));
    outgoing.end(body);
    const [response] = await responded;
    // A body that is refused is not read to its end.
    outgoing.on('error', () => undefined);
    response.setEncoding('utf8');
    let text = '';
    for await (const part of response) {
      text += part as string;
      // It ends when the client leaves.
      if (response.headers['content-type']?.startsWith('text/event-stream')) break;
    }
    return { status: response.statusCode ?? 0, headers: response.headers, text };
  }

  close(): void {
    this.agent.destroy();
  }
}
