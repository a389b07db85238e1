import { readFileSync } from 'node:fs';
import type { AddressInfo, Socket } from 'node:net';
import { createServer, type Server, type TLSSocket } from 'node:tls';

/** Certificate of `platform.test` and 127.0.0.1 that nobody vouches for. */
export const TLS_FIXTURE = {
  key: fixture('key.pem'),
  cert: fixture('cert.pem'),
};

function fixture(name: string): string {
  return readFileSync(new URL(`../fixtures/tls/${name}`, import.meta.url), 'utf8');
}

/** One request's stream on one connection, answered frame by frame (RFC 9113 4, 6). */
export interface H2Request {
  readonly tls: TLSSocket;
  /** The TCP socket below. */
  readonly tcp: Socket;
  readonly stream: number;
  /** Counts connections from 0. */
  readonly connection: number;
  /** Requests on this connection before this one. */
  readonly before: number;
}

const TYPE = { data: 0, headers: 1, reset: 3, settings: 4, ping: 6, goaway: 7, windowUpdate: 8 } as const;
const ACK = 1;
const END_STREAM = 1;
const END_HEADERS = 4;
const PREFACE_BYTES = 24;
/** HPACK index of `:status: 200` (RFC 7541, appendix A). */
const STATUS_200 = Buffer.from([0x88]);

export function frame(
  type: number,
  flags: number,
  stream: number,
  payload: Buffer = Buffer.alloc(0),
): Buffer {
  const head = Buffer.alloc(9);
  head.writeUIntBE(payload.byteLength, 0, 3);
  head[3] = type;
  head[4] = flags;
  head.writeUInt32BE(stream, 5);
  return Buffer.concat([head, payload]);
}

/** `:status: 200` and nothing else, or with a content-length. */
export function ok(stream: number, options: { end?: boolean; contentLength?: string } = {}): Buffer {
  const { end = false, contentLength } = options;
  // Literal field, name 28 of the static table (RFC 7541 6.2.2).
  const length =
    contentLength === undefined
      ? Buffer.alloc(0)
      : Buffer.concat([Buffer.from([0x0f, 0x0d, contentLength.length]), Buffer.from(contentLength)]);
  return frame(
    TYPE.headers,
    END_HEADERS | (end ? END_STREAM : 0),
    stream,
    Buffer.concat([STATUS_200, length]),
  );
}

export function data(stream: number, text: string, end = false): Buffer {
  return frame(TYPE.data, end ? END_STREAM : 0, stream, Buffer.from(text));
}

export function reset(stream: number, code: number): Buffer {
  return frame(TYPE.reset, 0, stream, u32(code));
}

export function goaway(lastStream: number, code: number): Buffer {
  return frame(TYPE.goaway, 0, 0, Buffer.concat([u32(lastStream), u32(code)]));
}

function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

export interface RawH2Options {
  /** Does not answer pings. */
  readonly deaf?: boolean;
  /** Says this instead of SETTINGS; empty = says nothing. */
  readonly opening?: Buffer;
}

/** A TLS server on loopback that agrees on `h2` and knows just enough of it; the answer's every frame is the test's. */
export class RawH2Server {
  connections = 0;
  readonly requests: H2Request[] = [];
  /** What clients said of windows: [stream, bytes], and their first SETTINGS by identifier. */
  readonly windowUpdates: [number, number][] = [];
  readonly settings = new Map<number, number>();
  pings = 0;
  private readonly server: Server;
  private readonly sockets = new Set<Socket>();

  private constructor(answer: (request: H2Request) => void, options: RawH2Options) {
    let tcp: Socket | undefined;
    this.server = createServer({ ...TLS_FIXTURE, ALPNProtocols: ['h2'] }, (tls) => {
      if (tcp) this.serve(tls, tcp, answer, options);
    });
    this.server.prependListener('connection', (socket: Socket) => {
      tcp = socket;
      this.sockets.add(socket);
      socket.once('close', () => this.sockets.delete(socket));
    });
  }

  static async listen(
    answer: (request: H2Request) => void,
    options: RawH2Options = {},
  ): Promise<RawH2Server> {
    const raw = new RawH2Server(answer, options);
    await new Promise<void>((resolve) => raw.server.listen(0, '127.0.0.1', resolve));
    return raw;
  }

  get origin(): string {
    return `https://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** Connections that are open on the server's side. */
  get open(): number {
    return this.sockets.size;
  }

  async close(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private serve(
    tls: TLSSocket,
    tcp: Socket,
    answer: (request: H2Request) => void,
    options: RawH2Options,
  ): void {
    const connection = this.connections++;
    let before = 0;
    let bytes: Buffer = Buffer.alloc(0);
    let toSkip = PREFACE_BYTES;
    tls.on('error', () => undefined);
    tls.write(options.opening ?? frame(TYPE.settings, 0, 0));
    const take = (type: number, flags: number, stream: number, payload: Buffer): void => {
      if (type === TYPE.settings && (flags & ACK) === 0) {
        for (let at = 0; at + 6 <= payload.length; at += 6) {
          this.settings.set(payload.readUInt16BE(at), payload.readUInt32BE(at + 2));
        }
        if (options.opening === undefined) tls.write(frame(TYPE.settings, ACK, 0));
      } else if (type === TYPE.windowUpdate) this.windowUpdates.push([stream, payload.readUInt32BE(0)]);
      else if (type === TYPE.ping && (flags & ACK) === 0) {
        this.pings++;
        if (!options.deaf) tls.write(frame(TYPE.ping, ACK, 0, payload));
      } else if (type === TYPE.headers) {
        const request = { tls, tcp, stream, connection, before: before++ };
        this.requests.push(request);
        answer(request);
      }
    };
    tls.on('data', (chunk) => {
      bytes = Buffer.concat([bytes, chunk]);
      if (toSkip > 0) {
        if (bytes.byteLength < toSkip) return;
        bytes = bytes.subarray(toSkip);
        toSkip = 0;
      }
      while (bytes.byteLength >= 9) {
        const end = 9 + bytes.readUIntBE(0, 3);
        if (bytes.byteLength < end) return;
        const whole = bytes.subarray(0, end);
        bytes = bytes.subarray(end);
        take(whole[3] ?? 0, whole[4] ?? 0, whole.readUInt32BE(5), whole.subarray(9));
      }
    });
  }
}
