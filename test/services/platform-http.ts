import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Recorded from SRS 6.0.157. */
function recorded(name: string): string {
  return readFileSync(new URL(`../fixtures/srs/api/${name}.json`, import.meta.url), 'utf8');
}

/** What is answered, by path. */
export type Bodies = Readonly<Record<string, (query: URLSearchParams) => string>>;

const BODIES: Bodies = {
  '/api/v1/summaries': () => recorded('summaries'),
  '/api/v1/streams': () => recorded('streams'),
  '/api/v1/clients': () => recorded('clients'),
  '/health': () => '{"status":"ok"}',
  '/monitoring': () => '{"heap":50000000}',
  '/metrics': () => '# TYPE load gauge\nload 1.5\n',
};

/** HTTP endpoints of a platform as the collector asks them: SRS's API as it was recorded, and a made-up backend. */
export class PlatformHttp {
  #hangs = false;
  readonly #held: ServerResponse[] = [];
  readonly #server = createServer((request, response) => this.#answer(request, response));

  readonly #bodies: Bodies;

  private constructor(bodies: Bodies) {
    this.#bodies = bodies;
  }

  static async start(bodies: Bodies = BODIES): Promise<PlatformHttp> {
    const http = new PlatformHttp(bodies);
    await new Promise<void>((resolve) => http.#server.listen(0, '127.0.0.1', resolve));
    return http;
  }

  get origin(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Connections are accepted and never answered; what was held is cut when it goes on. */
  hang(on: boolean): void {
    this.#hangs = on;
    if (!on) for (const response of this.#held.splice(0)) response.destroy();
  }

  /** As when its process is killed: connections are cut, and new ones refused. */
  async stop(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    this.#server.closeAllConnections();
    await closed;
  }

  #answer({ url = '' }: IncomingMessage, response: ServerResponse): void {
    if (this.#hangs) {
      this.#held.push(response);
      return;
    }
    const { pathname, searchParams } = new URL(url, this.origin);
    const body = this.#bodies[pathname];
    response.writeHead(body === undefined ? 404 : 200).end(body?.(searchParams) ?? '');
  }
}
