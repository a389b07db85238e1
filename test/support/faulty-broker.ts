import {
  type Beats,
  type Closeable,
  type Link,
  LinkError,
  type ReadSpec,
  type StreamMessage,
  type StreamSpec,
} from '../../src/cluster/link.js';
import type { Clock } from '../../src/seams.js';
import { flushMicrotasks } from './virtual-clock.js';

interface Stream {
  readonly spec: StreamSpec;
  readonly messages: StreamMessage[];
  readonly ids: Set<string>;
  readonly places: Map<string, number>;
}

interface Reader {
  readonly link: FaultyLink;
  pump(): void;
}

/** Appends wait so long for their acknowledgement. */
const APPEND_PATIENCE_MS = 5000;

/** A broker in memory, whose links can be cut and lose acknowledgements; on virtual time. */
export class FaultyBroker {
  readonly clock: Clock;
  readonly links: FaultyLink[] = [];
  readonly streams = new Map<string, Stream>();
  readonly readers = new Set<Reader>();
  readonly beats = new Map<string, { value: Uint8Array; untilMs: number }>();

  constructor(clock: Clock) {
    this.clock = clock;
  }

  link(): FaultyLink {
    const link = new FaultyLink(this);
    this.links.push(link);
    return link;
  }

  /** The stream that takes a subject. */
  streamOf(subject: string): Stream | undefined {
    return [...this.streams.values()].find(({ spec }) => spec.subjects.some((one) => matches(one, subject)));
  }

  /** Puts whatever on a stream, as anybody with access could. */
  forge(subject: string, payload: Uint8Array): void {
    const stream = this.streamOf(subject);
    if (stream === undefined) throw new Error(`no stream takes ${subject}`);
    stream.messages.push({ subject, payload, sequence: stream.messages.length + 1 });
    for (const reader of this.readers) reader.pump();
  }
}

type Handler = (payload: Uint8Array) => Promise<Uint8Array> | Uint8Array;

export class FaultyLink implements Link {
  readonly #broker: FaultyBroker;
  readonly served = new Map<string, Handler>();
  readonly #subs = new Set<{ subject: string; handler: (payload: Uint8Array, subject: string) => void }>();
  readonly #watchers = new Set<(key: string, value: Uint8Array) => void>();
  readonly #ups = new Set<(isUp: boolean) => void>();
  /** Messages are stored, and their acknowledgements lost. */
  losesAcks = false;
  /** Signs of life do not get through, all else does. */
  losesBeats = false;
  isUp = true;
  isClosed = false;

  constructor(broker: FaultyBroker) {
    this.#broker = broker;
  }

  cut(): void {
    this.isUp = false;
    for (const up of this.#ups) up(false);
  }

  mend(): void {
    this.isUp = true;
    for (const up of this.#ups) up(true);
    for (const reader of this.#broker.readers) reader.pump();
  }

  async ask(subject: string, payload: Uint8Array, timeoutMs: number): Promise<Uint8Array> {
    if (this.isClosed) throw new LinkError('closed', 'closed');
    const server = this.#broker.links.find((one) => one.served.has(subject) && !one.isClosed);
    if (this.isUp && server === undefined) throw new LinkError('no_responders', 'nobody is there');
    return await this.#within(timeoutMs, async () => {
      if (!this.isUp || server?.isUp !== true) return await new Promise<never>(() => {});
      await flushMicrotasks();
      // One that throws answers nothing.
      const answer = await (async () => server.served.get(subject)?.(payload))().catch(() => undefined);
      if (answer === undefined || !this.isUp) return await new Promise<never>(() => {});
      return answer;
    });
  }

  async askAll(subject: string, payload: Uint8Array, waitMs: number): Promise<readonly Uint8Array[]> {
    const answers: Uint8Array[] = [];
    const servers = this.#broker.links.filter((one) => one.isUp && !one.isClosed && one.served.has(subject));
    for (const one of this.isUp ? servers : []) {
      void (async () => one.served.get(subject)?.(payload))().then(
        (answer) => answer && answers.push(answer),
        () => {},
      );
    }
    await new Promise<void>((resolve) => void this.#broker.clock.after(waitMs, resolve));
    return answers;
  }

  serve(subject: string, handler: Handler): Closeable {
    this.served.set(subject, handler);
    return { close: () => void this.served.delete(subject) };
  }

  publish(subject: string, payload: Uint8Array): void {
    if (!this.isUp || this.isClosed) return;
    for (const link of this.#broker.links) {
      if (link.isUp && !link.isClosed) link.#deliver(subject, payload);
    }
  }

  subscribe(subject: string, handler: (payload: Uint8Array, subject: string) => void): Closeable {
    const sub = { subject, handler };
    this.#subs.add(sub);
    return { close: () => void this.#subs.delete(sub) };
  }

  async openStream(spec: StreamSpec): Promise<void> {
    const { streams } = this.#broker;
    if (!streams.has(spec.name))
      streams.set(spec.name, { spec, messages: [], ids: new Set(), places: new Map() });
  }

  async append(subject: string, payload: Uint8Array, id: string): Promise<{ isDuplicate: boolean }> {
    if (this.isClosed) throw new LinkError('closed', 'closed');
    return await this.#within(APPEND_PATIENCE_MS, async () => {
      if (!this.isUp) return await new Promise<never>(() => {});
      await flushMicrotasks();
      const stream = this.#broker.streamOf(subject);
      if (stream === undefined) throw new LinkError('no_responders', 'no stream');
      const isDuplicate = stream.ids.has(id);
      stream.ids.add(id);
      if (!isDuplicate) this.#broker.forge(subject, payload);
      if (this.losesAcks) return await new Promise<never>(() => {});
      return { isDuplicate };
    });
  }

  async read(
    { stream: name, durable, subject, failed }: ReadSpec,
    handler: (message: StreamMessage) => Promise<void> | void,
  ): Promise<Closeable> {
    const stream = this.#broker.streams.get(name);
    if (stream === undefined) throw new LinkError('refused', `no stream ${name}`);
    let place = durable === undefined ? 0 : (stream.places.get(durable) ?? 0);
    let busy = false;
    let closed = false;
    const pump = async (): Promise<void> => {
      if (busy) return;
      busy = true;
      while (!closed && !this.isClosed && this.isUp) {
        await flushMicrotasks();
        const message = stream.messages[place];
        // Closed meanwhile, it would take what is another's.
        if (message === undefined || closed) break;
        try {
          if (subject === undefined || matches(subject, message.subject)) await handler(message);
        } catch (error) {
          failed?.(error);
        }
        place += 1;
        if (durable !== undefined) stream.places.set(durable, place);
      }
      busy = false;
    };
    const reader = { link: this, pump: () => void pump() };
    this.#broker.readers.add(reader);
    reader.pump();
    return {
      close: () => {
        closed = true;
        this.#broker.readers.delete(reader);
      },
    };
  }

  async deleteStream(name: string): Promise<void> {
    this.#broker.streams.delete(name);
  }

  async openBeats(_bucket: string, ttlMs: number): Promise<Beats> {
    const { beats, clock, links } = this.#broker;
    const alive = (): Map<string, Uint8Array> =>
      new Map(
        [...beats].flatMap(([key, { value, untilMs }]) => (untilMs > clock.nowMs() ? [[key, value]] : [])),
      );
    return {
      put: async (key, value) => {
        await this.#within(APPEND_PATIENCE_MS, async () => {
          if (!this.isUp || this.isClosed || this.losesBeats) await new Promise<never>(() => {});
          beats.set(key, { value, untilMs: clock.nowMs() + ttlMs });
          for (const link of links) {
            if (link.isUp && !link.isClosed) for (const watcher of link.#watchers) watcher(key, value);
          }
        });
      },
      all: async () => alive(),
      watch: async (handler) => {
        this.#watchers.add(handler);
        return { close: () => void this.#watchers.delete(handler) };
      },
    };
  }

  onUp(listener: (isUp: boolean) => void): Closeable {
    this.#ups.add(listener);
    return { close: () => void this.#ups.delete(listener) };
  }

  /** As a process that was killed: nothing it had begun goes on. */
  async close(): Promise<void> {
    this.isClosed = true;
    this.served.clear();
  }

  #deliver(subject: string, payload: Uint8Array): void {
    for (const sub of this.#subs) if (matches(sub.subject, subject)) sub.handler(payload, subject);
  }

  #within<T>(timeoutMs: number, work: () => Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      const cancel = this.#broker.clock.after(timeoutMs, () => reject(new LinkError('timeout', 'no answer')));
      work().then(
        (value) => {
          cancel();
          resolve(value);
        },
        (error) => {
          cancel();
          reject(error);
        },
      );
    });
  }
}

function matches(pattern: string, subject: string): boolean {
  const wanted = pattern.split('.');
  const parts = subject.split('.');
  if (wanted.at(-1) === '>')
    return (
      parts.length >= wanted.length && wanted.slice(0, -1).every((one, i) => one === '*' || one === parts[i])
    );
  return wanted.length === parts.length && wanted.every((one, i) => one === '*' || one === parts[i]);
}
