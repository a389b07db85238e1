import type { AddressInfo } from 'node:net';
import { createServer, type Server, type Socket } from 'node:net';

/** What one request on one connection gets. */
export interface RawRequest {
  readonly socket: Socket;
  readonly method: string;
  readonly path: string;
  /** Request line and headers. */
  readonly head: string;
  /** Counts connections from 0. */
  readonly connection: number;
}

/**
 * A TCP server on loopback that knows just enough HTTP to tell requests without bodies apart; the answer's every byte
 * is the test's. Requests with a body: the body stands in `head` if it came in the same packet.
 */
export class RawServer {
  readonly requests: RawRequest[] = [];
  connections = 0;
  private readonly server: Server;
  private readonly sockets = new Set<Socket>();

  private constructor(answer: (request: RawRequest) => void) {
    this.server = createServer((socket) => this.serve(socket, answer));
  }

  static async listen(answer: (request: RawRequest) => void, host = '127.0.0.1'): Promise<RawServer> {
    const raw = new RawServer(answer);
    await new Promise<void>((resolve) => raw.server.listen(0, host, resolve));
    return raw;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  get origin(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** Connections that are open on the server's side. */
  get open(): number {
    return this.sockets.size;
  }

  async close(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private serve(socket: Socket, answer: (request: RawRequest) => void): void {
    const connection = this.connections++;
    this.sockets.add(socket);
    socket.once('close', () => this.sockets.delete(socket));
    socket.on('error', () => undefined);
    let text = '';
    socket.on('data', (bytes) => {
      text += bytes.toString('latin1');
      if (!text.includes('\r\n\r\n')) return;
      const [method = '', path = ''] = text.split(' ');
      const request = { socket, method, path, head: text, connection };
      text = '';
      this.requests.push(request);
      answer(request);
    });
  }
}

/** A response of known length that keeps the connection. */
export function plainResponse(
  body: string | Buffer,
  headers: readonly string[] = [],
  status = '200 OK',
): Buffer {
  const bytes = Buffer.from(body);
  const lines = [`HTTP/1.1 ${status}`, ...headers, `Content-Length: ${bytes.byteLength}`, '', ''];
  return Buffer.concat([Buffer.from(lines.join('\r\n'), 'latin1'), bytes]);
}
