import { readFileSync } from 'node:fs';
import { createSecureServer, type ServerHttp2Stream } from 'node:http2';
import { type AddressInfo, createServer, type Server as NetServer, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import type { OriginPorts } from './transport-job.js';

const SEGMENT = Buffer.alloc(325 * 1024, 0x47);
const PLAYLIST = Buffer.alloc(400, 0x23);
const FLV_WRITES_PER_S = 30;

const TYPES = { '/playlist': 'application/vnd.apple.mpegurl', '/segment': 'video/MP2T' } as const;
const BODIES = { '/playlist': PLAYLIST, '/segment': SEGMENT } as const;
const isFile = (path: string): path is keyof typeof BODIES => path in BODIES;

function answerOf(path: keyof typeof BODIES, connection: 'Close' | 'keep-alive'): Buffer {
  const body = BODIES[path];
  const head = `HTTP/1.1 200 OK\r\nConnection: ${connection}\r\nContent-Length: ${body.byteLength}\r\nContent-Type: ${TYPES[path]}\r\n\r\n`;
  return Buffer.concat([Buffer.from(head), body]);
}

const TLS_FIXTURES = new URL('../../../test/fixtures/tls/', import.meta.url);
const certificate = () => ({
  key: readFileSync(new URL('key.pem', TLS_FIXTURES)),
  cert: readFileSync(new URL('cert.pem', TLS_FIXTURES)),
});

interface FlvViewers {
  readonly chunked: Set<Socket>;
  readonly streams: Set<ServerHttp2Stream>;
}

/** One writer for all streams: the same bytes at the same instants, as a live source sends them. */
function startFlv(): FlvViewers {
  const viewers: FlvViewers = { chunked: new Set(), streams: new Set() };
  const piece = Buffer.alloc(Math.round(SEGMENT.byteLength / FLV_WRITES_PER_S), 0x09);
  const chunk = Buffer.from(`${piece.byteLength.toString(16)}\r\n${piece.toString('latin1')}\r\n`, 'latin1');
  const startMs = performance.now();
  let writes = 0;
  setInterval(() => {
    const due = Math.floor(((performance.now() - startMs) / 1000) * FLV_WRITES_PER_S);
    for (; writes < due; writes++) {
      for (const socket of viewers.chunked) socket.write(chunk);
      for (const stream of viewers.streams) stream.write(piece);
    }
  }, 5);
  return viewers;
}

function serveHttp1(socket: Socket, connection: 'Close' | 'keep-alive', { chunked }: FlvViewers): void {
  socket.on('error', () => undefined);
  let text = '';
  socket.on('data', (bytes) => {
    text += bytes.toString('latin1');
    for (let end = text.indexOf('\r\n\r\n'); end >= 0; end = text.indexOf('\r\n\r\n')) {
      const path = text.split(' ')[1] ?? '';
      text = text.slice(end + 4);
      if (!isFile(path)) {
        socket.write('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Type: video/x-flv\r\n\r\n');
        chunked.add(socket);
        socket.once('close', () => chunked.delete(socket));
      } else if (connection === 'Close') socket.end(answerOf(path, connection));
      else socket.write(answerOf(path, connection));
    }
  });
}

function serveHttp2(stream: ServerHttp2Stream, path: string, { streams }: FlvViewers): void {
  stream.on('error', () => undefined);
  if (isFile(path)) {
    stream.respond({
      ':status': 200,
      'content-type': TYPES[path],
      'content-length': BODIES[path].byteLength,
    });
    stream.end(BODIES[path]);
    return;
  }
  stream.respond({ ':status': 200, 'content-type': 'video/x-flv' });
  streams.add(stream);
  stream.once('close', () => streams.delete(stream));
}

async function listen(server: NetServer): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

/**
 * Servers that know three paths: `/playlist`, `/segment` and `/flv`. One closes each connection, as SRS does; two keep
 * it, over TLS, as a proxy does. Sends their ports to the parent.
 */
export async function runTransportOrigin(): Promise<void> {
  const flv = startFlv();
  const plain = createServer({ noDelay: true }, (socket) => serveHttp1(socket, 'Close', flv));
  const tls = createTlsServer({ ...certificate(), noDelay: true, ALPNProtocols: ['http/1.1'] }, (socket) =>
    serveHttp1(socket, 'keep-alive', flv),
  );
  const http2 = createSecureServer(certificate());
  http2.on('stream', (stream, headers) => serveHttp2(stream, headers[':path'] ?? '', flv));
  http2.on('sessionError', () => undefined);
  const ports: OriginPorts = {
    plain: await listen(plain),
    tls: await listen(tls),
    http2: await listen(http2),
  };
  process.send?.(ports);
}
