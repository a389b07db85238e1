import { createServer, request as httpRequest, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A piece of a body as it was handed on, with the instant it was handed on. */
export interface RecordedChunk {
  /** Milliseconds on this process's monotonic clock. */
  readonly atMs: number;
  readonly bytes: Uint8Array;
}

/** What one viewer was sent. */
export type Recording = readonly RecordedChunk[];

export interface RecordingProxy {
  readonly origin: string;
  /** One recording for each request so far, in the order of the requests. */
  recordings(): readonly Recording[];
  close(): void;
}

/** Passes every GET on to `origin` and keeps what each viewer was sent, so that a test can judge the same bytes. */
export async function startRecordingProxy(origin: string): Promise<RecordingProxy> {
  const all: RecordedChunk[][] = [];
  const server: Server = createServer((incoming, outgoing) => {
    const chunks: RecordedChunk[] = [];
    all.push(chunks);
    outgoing.socket?.setNoDelay(true);
    const upstream = httpRequest(
      `${origin}${incoming.url ?? ''}`,
      { headers: incoming.headers },
      (answer) => {
        outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
        outgoing.flushHeaders();
        answer.on('data', (bytes: Buffer) => {
          chunks.push({ atMs: performance.now(), bytes: Uint8Array.from(bytes) });
          outgoing.write(bytes);
        });
        answer.on('end', () => outgoing.end());
        answer.on('error', () => outgoing.destroy());
      },
    );
    upstream.on('error', () => outgoing.destroy());
    outgoing.on('close', () => upstream.destroy());
    upstream.end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    recordings: () => all,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}
