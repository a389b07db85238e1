import { isIP } from 'node:net';
import { Kvm } from '@nats-io/kv';
import { createInbox, type NatsConnection } from '@nats-io/nats-core';
import { connect } from '@nats-io/transport-node';
import {
  type Beats,
  type Closeable,
  type Link,
  LinkError,
  type ReadSpec,
  type StreamMessage,
  type StreamSpec,
} from './link.js';
import { linkErrorOf } from './nats-errors.js';
import { NatsStreams } from './nats-streams.js';

export interface NatsAddress {
  /** `nats://HOST:PORT` or `tls://HOST:PORT`, several with commas; user and password may stand in it. */
  readonly url: string;
  /** Who this is, for the broker's own list of connections. */
  readonly name: string;
  /** PEM files; absent = what the system trusts, and no certificate of our own. */
  readonly tls?: { readonly caFile?: string; readonly certFile?: string; readonly keyFile?: string };
  /** How long the first connection is tried for, ms; 0 = once. */
  readonly patienceMs: number;
  /** Told once, in words, that it is tried again. */
  onWait?(words: string): void;
}

const RECONNECT_WAIT_MS = 250;
/** A connection that says nothing on two of these is dead, though nobody closed it. */
const PING_EVERY_MS = 2000;
const MAX_PINGS_OUT = 2;
const CONNECT_TIMEOUT_MS = 5000;
const CLOSE_PATIENCE_MS = 3000;
/** Room for subject and headers beside the payload. */
const HEAD_BYTES = 1024;
/** Signs of life are small; whoever is let in puts no more than this there. */
const MAX_BEAT_BYTES = 16_384;
const MAX_BEATS_BYTES = 32 * 2 ** 20;

/**
 * Connects to a broker.
 * @throws {LinkError} refused: wrong credentials, no streams there; closed: nobody listens
 */
export async function openNatsLink(address: NatsAddress): Promise<Link> {
  const untilMs = Date.now() + address.patienceMs;
  let told = false;
  for (;;) {
    try {
      const connection = await connect(optionsOf(address));
      return new NatsLink(connection, await NatsStreams.open(connection));
    } catch (error) {
      const failed = linkErrorOf(error, `cannot reach the broker at ${plainUrl(address.url)}`);
      const isFinal = chainHas(error, /Authorization|UserAuthentication/);
      if (isFinal) throw new LinkError('refused', failed.message, { cause: error });
      const words = `${failed.message}${certificateHint(address, failed)}`;
      if (Date.now() >= untilMs) throw new LinkError('closed', words, { cause: error });
      if (!told) address.onWait?.(`${words}; it is tried again`);
      told = true;
      await new Promise((resolve) => setTimeout(resolve, RECONNECT_WAIT_MS));
    }
  }
}

/**
 * A server that wants a certificate of its clients hangs up on one that shows none after the handshake, without a word:
 * all that is seen here is a time that ran out.
 */
function certificateHint({ url, tls }: NatsAddress, { code, message }: LinkError): string {
  const isSilence = code === 'timeout' || /timeout|disconnect|socket hang up|ECONNRESET/i.test(message);
  if (!isSilence || !url.includes('tls:') || tls?.certFile !== undefined) return '';
  return ' (it may want a certificate of ours: --nats-cert and --nats-key)';
}

function chainHas(error: unknown, name: RegExp): boolean {
  return (
    error instanceof Error &&
    (name.test(error.name) || name.test(error.message) || chainHas(error.cause, name))
  );
}

/** An address as it may be shown: without user and password. */
export function plainUrl(url: string): string {
  // Up to the last `@` before the path: a password may hold one.
  return url.replace(/\/\/[^/]*@/g, '//');
}

/** The client library compares a certificate with `localhost` where a server is named by its address. */
function certifiedHost({ hostname }: URL): { readonly host?: string } {
  const address = hostname.replace(/^\[(.*)\]$/, '$1');
  return isIP(address) === 0 ? {} : { host: address };
}

function optionsOf({ url, name, tls }: NatsAddress) {
  const [first = ''] = url.split(',');
  const inUrl = new URL(first);
  const { username, password } = inUrl;
  return {
    ...{ name, timeout: CONNECT_TIMEOUT_MS, maxReconnectAttempts: -1, reconnectTimeWait: RECONNECT_WAIT_MS },
    ...{ reconnectJitter: 100, pingInterval: PING_EVERY_MS, maxPingOut: MAX_PINGS_OUT },
    // A broker may refuse while it starts, or while its users are read anew.
    ignoreAuthErrorAbort: true,
    servers: url.split(',').map((one) => plainUrl(one.trim())),
    ...(username === '' ? {} : { user: decodeURIComponent(username) }),
    ...(password === '' ? {} : { pass: decodeURIComponent(password) }),
    // Asked for, it is insisted on: nothing is said to a server that has none.
    ...(first.startsWith('tls:') || tls !== undefined ? { tls: { ...tls, ...certifiedHost(inUrl) } } : {}),
  };
}

class NatsLink implements Link {
  readonly #connection: NatsConnection;
  readonly #streams: NatsStreams;
  readonly #listeners = new Set<(isUp: boolean) => void>();
  #isUp = true;
  #closing: Promise<void> | undefined;

  constructor(connection: NatsConnection, streams: NatsStreams) {
    this.#connection = connection;
    this.#streams = streams;
    void this.#watch();
  }

  get isUp(): boolean {
    return this.#isUp;
  }

  onUp(listener: (isUp: boolean) => void): Closeable {
    this.#listeners.add(listener);
    return { close: () => void this.#listeners.delete(listener) };
  }

  async ask(subject: string, payload: Uint8Array, timeoutMs: number): Promise<Uint8Array> {
    try {
      const leftMs = await this.#untilUp(timeoutMs);
      if (leftMs <= 0) throw new LinkError('timeout', `${subject} was asked: no connection to the broker`);
      return (await this.#connection.request(subject, payload, { timeout: leftMs })).data;
    } catch (error) {
      throw linkErrorOf(error, `${subject} was asked`);
    }
  }

  askAll(
    subject: string,
    payload: Uint8Array,
    waitMs: number,
    most = Number.POSITIVE_INFINITY,
  ): Promise<readonly Uint8Array[]> {
    return new Promise((resolve) => {
      const answers: Uint8Array[] = [];
      if (this.#connection.isClosed())
        throw new LinkError('closed', `${subject} was asked: the link is closed`);
      const inbox = createInbox();
      const end = (): void => {
        clearTimeout(timer);
        subscription.unsubscribe();
        resolve(answers);
      };
      const timer = setTimeout(end, waitMs);
      const subscription = this.#connection.subscribe(inbox, {
        callback(error, message) {
          const nobody = message?.headers?.code === 503;
          if (error === null && !nobody) answers.push(message.data);
          if (nobody || answers.length >= most) end();
        },
      });
      if (this.#isUp) this.#connection.publish(subject, payload, { reply: inbox });
    });
  }

  serve(subject: string, handler: (payload: Uint8Array) => Promise<Uint8Array> | Uint8Array): Closeable {
    const subscription = this.#connection.subscribe(subject, {
      callback(error, message) {
        if (error !== null) return;
        // One that throws answers nothing: whoever asked has a time limit.
        void (async () => message.respond(await handler(message.data)))().catch(() => {});
      },
    });
    return { close: () => subscription.unsubscribe() };
  }

  publish(subject: string, payload: Uint8Array): void {
    // What nobody can hear now is not kept for later, nor is what is said while the connection ends.
    if (!this.#isUp || this.#closing !== undefined) return;
    try {
      this.#connection.publish(subject, payload);
    } catch (error) {
      throw linkErrorOf(error, `${subject} was told`);
    }
  }

  subscribe(subject: string, handler: (payload: Uint8Array, subject: string) => void): Closeable {
    const subscription = this.#connection.subscribe(subject, {
      callback(error, message) {
        if (error === null) handler(message.data, message.subject);
      },
    });
    return { close: () => subscription.unsubscribe() };
  }

  openStream(spec: StreamSpec): Promise<void> {
    return this.#streams.add(spec);
  }

  async append(subject: string, payload: Uint8Array, id: string): Promise<{ readonly isDuplicate: boolean }> {
    this.#checkUp(subject);
    const most = this.#connection.info?.max_payload ?? Number.POSITIVE_INFINITY;
    if (payload.byteLength + HEAD_BYTES > most)
      throw new LinkError('too_large', `${payload.byteLength} bytes, the broker takes ${most}`);
    return this.#streams.append(subject, payload, id);
  }

  read(spec: ReadSpec, handler: (message: StreamMessage) => Promise<void> | void): Promise<Closeable> {
    return this.#streams.read(spec, handler);
  }

  deleteStream(name: string): Promise<void> {
    return this.#streams.delete(name);
  }

  async openBeats(bucket: string, ttlMs: number): Promise<Beats> {
    try {
      const kv = await new Kvm(this.#connection).create(bucket, {
        ...{ ttl: ttlMs, history: 1, maxValueSize: MAX_BEAT_BYTES, max_bytes: MAX_BEATS_BYTES },
      });
      return {
        put: async (key, value) => {
          this.#checkUp(key);
          try {
            await kv.put(key, value);
          } catch (error) {
            throw linkErrorOf(error, 'a sign of life was not acknowledged', true);
          }
        },
        async all() {
          const found = new Map<string, Uint8Array>();
          for await (const key of await kv.keys()) {
            const entry = await kv.get(key);
            if (entry?.operation === 'PUT') found.set(key, entry.value);
          }
          return found;
        },
        // What is put passes every subscriber of its subject: nothing to be set up again when the broker was begun anew.
        watch: async (handler) =>
          this.subscribe(`$KV.${bucket}.>`, (value, subject) =>
            handler(subject.slice(`$KV.${bucket}.`.length), value),
          ),
      };
    } catch (error) {
      throw linkErrorOf(error, `the bucket ${bucket} cannot be made`);
    }
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, CLOSE_PATIENCE_MS);
    });
    // Without a connection there is nothing to wait for.
    if (this.#isUp) await Promise.race([this.#connection.drain().catch(() => {}), late]);
    clearTimeout(timer);
    await this.#connection.close().catch(() => {});
  }

  /** Nothing piles up here while there is no connection: who sends keeps what must not be lost. */
  #checkUp(what: string): void {
    if (this.#connection.isClosed()) throw new LinkError('closed', `${what}: the link is closed`);
    if (!this.#isUp) throw new LinkError('timeout', `${what}: no connection to the broker`);
  }

  /** Waits for a connection, at most so long; what is left of the time, ms. */
  async #untilUp(timeoutMs: number): Promise<number> {
    if (this.#isUp || this.#connection.isClosed()) return timeoutMs;
    const sinceMs = performance.now();
    await new Promise<void>((resolve) => {
      const timer = setTimeout(end, timeoutMs);
      const listening = this.onUp(end);
      function end(): void {
        clearTimeout(timer);
        listening.close();
        resolve();
      }
    });
    return Math.floor(timeoutMs - (performance.now() - sinceMs));
  }

  async #watch(): Promise<void> {
    for await (const { type } of this.#connection.status()) {
      if (type === 'disconnect' || type === 'close') this.#tell(false);
      else if (type === 'reconnect') this.#tell(true);
    }
    this.#tell(false);
  }

  #tell(isUp: boolean): void {
    if (isUp === this.#isUp) return;
    this.#isUp = isUp;
    for (const listener of [...this.#listeners]) listener(isUp);
  }
}
