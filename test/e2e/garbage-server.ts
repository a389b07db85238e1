import { createHash, randomFillSync } from 'node:crypto';
import { createServer, type Socket } from 'node:net';
import { constants, gzipSync } from 'node:zlib';

/** What a garbage server does with a request. Text is sent as latin1. */
export type Garbage = (socket: Socket, request: string) => void;

const PIECE_BYTES = 64 * 1024;
/** About 5 MB/s per connection: enough that a reader who keeps it all is seen, not so much that it hogs the machine. */
const PIECE_EVERY_MS = 13;
const WEBSOCKET_GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';

/** 256 MiB of zeros in a quarter of a megabyte. */
const BOMB = gzipBomb(256);

/** Kinds of rubbish, each for every part of a platform: REST, sockets, FLV, HLS. */
export const GARBAGE: Readonly<Record<string, Garbage>> = {
  'noise without end': (socket) => flood(socket, noise),
  'headers without end': (socket) => {
    socket.write('HTTP/1.1 200 OK\r\n');
    flood(socket, (piece) => Buffer.from(`x-${piece}: ${'a'.repeat(PIECE_BYTES)}\r\n`));
  },
  'one header line without end': (socket) => {
    socket.write('HTTP/1.1 200 OK\r\nx: ');
    flood(socket, () => Buffer.alloc(PIECE_BYTES, 'a'));
  },
  'more than was promised': (socket) => {
    socket.write('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n');
    flood(socket, noise);
  },
  'two lengths and no end': (socket) => {
    socket.write('HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 99999999999999999999\r\n\r\n');
    flood(socket, noise);
  },
  'a chunk of terabytes': (socket) => {
    socket.write('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nfffffffffff\r\n');
    flood(socket, noise);
  },
  'chunks that are none': (socket) => {
    socket.write('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nsoon\r\n');
    flood(socket, noise);
  },
  'gzip bombs': (socket) => {
    socket.write(`HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: ${BOMB.length}\r\n\r\n`);
    socket.write(BOMB);
  },
  'JSON without end': (socket) => {
    const head = 'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n\r\n';
    socket.write(`${head}{"success":true,"data":[`);
    flood(socket, () => Buffer.from('{"id":1},'.repeat(PIECE_BYTES / 9)));
  },
  'lists and tags without end': (socket, request) => {
    socket.write('HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n');
    if (!request.includes('.flv')) flood(socket, listPiece);
    else {
      // A header, then one tag that says it is as long as a tag can be, then another.
      socket.write(Buffer.from('464c5601050000000900000000', 'hex'));
      flood(socket, () => Buffer.concat([Buffer.from('09ffffff00000000000000', 'hex'), noise(), noise()]));
    }
  },
  'WebSocket frames that are none': (socket, request) => {
    if (!accepted(socket, request)) return;
    socket.write(Buffer.from('ffffffffffffffffffff', 'hex')); // reserved bits, opcode 15, length 2^64 - 1
    flood(socket, noise);
  },
  'one WebSocket message without end': (socket, request) => {
    if (!accepted(socket, request)) return;
    socket.write(Buffer.from('017f0000ffffffffffff', 'hex')); // text, more to come, length 2^48 - 1
    flood(socket, () => Buffer.alloc(PIECE_BYTES, 'a'));
  },
  'Socket.IO packets that are none': (socket, request) => {
    if (!accepted(socket, request)) return;
    for (const text of [
      '0{"sid":',
      '0null',
      '0{"sid":5}',
      '40',
      '4',
      '2',
      '42["',
      '451-["x",{"_placeholder":true}]',
    ]) {
      socket.write(textFrame(text));
    }
    flood(socket, (piece) => textFrame(`4${piece % 10}${'['.repeat(20_000)}`));
  },
};

export interface GarbageServer {
  readonly origin: string;
  /** Connections that were made. */
  readonly connections: () => number;
  stop(): Promise<void>;
}

/** A server on loopback that answers each request with `garbage`. */
export async function startGarbage(garbage: Garbage): Promise<GarbageServer> {
  const open = new Set<Socket>();
  let connections = 0;
  const server = createServer((socket) => {
    connections++;
    open.add(socket);
    socket.on('error', () => {});
    socket.once('close', () => open.delete(socket));
    socket.once('data', (bytes) => garbage(socket, bytes.toString('latin1')));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  return {
    origin: `http://127.0.0.1:${port}`,
    connections: () => connections,
    async stop() {
      for (const socket of open) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Sends pieces for as long as the other side takes them. */
function flood(socket: Socket, pieceOf: (piece: number) => Buffer): void {
  let piece = 0;
  const timer = setInterval(() => {
    if (socket.destroyed) clearInterval(timer);
    else if (socket.writableLength === 0) socket.write(pieceOf(piece++));
  }, PIECE_EVERY_MS);
  socket.once('close', () => clearInterval(timer));
}

function noise(): Buffer {
  return randomFillSync(Buffer.allocUnsafe(PIECE_BYTES));
}

function listPiece(piece: number): Buffer {
  const head = piece === 0 ? '#EXTM3U\n#EXT-X-TARGETDURATION:1\n' : '';
  return Buffer.from(`${head}${'#EXTINF:1,\na.ts\n'.repeat(PIECE_BYTES / 16)}`);
}

/** Takes a WebSocket (RFC 6455 4.2.2); any other request hears nothing. */
function accepted(socket: Socket, request: string): boolean {
  const key = /^sec-websocket-key: *(\S+)/im.exec(request)?.[1];
  if (key === undefined) return false;
  const accept = createHash('sha1')
    .update(key + WEBSOCKET_GUID)
    .digest('base64');
  socket.write(
    `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`,
  );
  return true;
}

/** An unmasked text frame, as servers send them (RFC 6455 5.2). */
function textFrame(text: string): Buffer {
  const body = Buffer.from(text);
  const head = Buffer.alloc(body.length < 126 ? 2 : 4);
  head[0] = 0x81;
  head[1] = Math.min(body.length, 126);
  if (body.length >= 126) head.writeUInt16BE(body.length, 2);
  return Buffer.concat([head, body]);
}

/** `megabytes` of zeros as gzip, made without holding them: members may follow one another (RFC 1952 2.2). */
function gzipBomb(megabytes: number): Buffer {
  const member = gzipSync(Buffer.alloc(2 ** 20), { level: constants.Z_BEST_COMPRESSION });
  return Buffer.concat(Array.from({ length: megabytes }, () => member));
}
