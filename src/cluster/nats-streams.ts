import {
  type Consumer,
  type JetStreamClient,
  type JetStreamManager,
  jetstream,
  jetstreamManager,
} from '@nats-io/jetstream';
import type { Closeable, ReadSpec, StreamMessage, StreamSpec } from './link.js';
import { linkErrorOf } from './nats-errors.js';

type Connection = Parameters<typeof jetstream>[0];
type Handler = (message: StreamMessage) => Promise<void> | void;

const APPEND_TIMEOUT_MS = 5000;
/** A message whose id the broker has seen within this is not added twice. */
const REMEMBERED_MS = 120_000;
const NS_PER_MS = 1_000_000;
/**
 * Messages that are under way to the reader at a time: a megabyte each at most, some kilobytes as a rule. Not counted in
 * bytes: when the next message is longer than what is left of an order in bytes, it waits for the end of two heartbeats.
 */
const MOST_AHEAD = 64;
const RETRY_MS = 300;
/** A reader that hears nothing on two of these begins anew from where it was. */
const IDLE_HEARTBEAT_MS = 1500;
const PULL_EXPIRES_MS = 10_000;
/**
 * A message of a reader with a name that is not acknowledged by then comes again. Short, for it holds up those behind it
 * when it was under way while the broker ended; a handler that takes longer gets it once all the same.
 */
const ACK_WAIT_MS = 2000;
/** The broker forgets a reader with a name that nobody asks for this long. */
const FORGOTTEN_MS = 24 * 3_600_000;
/** The same for one without a name. */
const FORGOTTEN_NAMELESS_MS = 60_000;
const ACK_PATIENCE_MS = 3000;

/** What is kept at a broker until it was read: the streams of JetStream. */
export class NatsStreams {
  readonly #manager: JetStreamManager;
  readonly #client: JetStreamClient;

  private constructor(manager: JetStreamManager, client: JetStreamClient) {
    this.#manager = manager;
    this.#client = client;
  }

  static async open(connection: Connection): Promise<NatsStreams> {
    return new NatsStreams(await jetstreamManager(connection, { checkAPI: false }), jetstream(connection));
  }

  /** @throws {LinkError} */
  async add({ name, subjects, maxBytes, maxAgeMs }: StreamSpec): Promise<void> {
    const duplicateMs = Math.min(REMEMBERED_MS, maxAgeMs);
    try {
      await this.#manager.streams.add({
        ...{ name, subjects: [...subjects], max_bytes: maxBytes, discard: 'new', storage: 'file' },
        ...{ max_age: maxAgeMs * NS_PER_MS, duplicate_window: duplicateMs * NS_PER_MS },
      });
    } catch (error) {
      const isThere = error instanceof Error && /already in use/.test(error.message);
      if (!isThere) throw linkErrorOf(error, `the stream ${name} cannot be made`);
    }
  }

  /** @throws {LinkError} */
  async append(subject: string, payload: Uint8Array, id: string): Promise<{ readonly isDuplicate: boolean }> {
    const options = { msgID: id, timeout: APPEND_TIMEOUT_MS };
    try {
      const { duplicate } = await this.#client.publish(subject, payload, options);
      return { isDuplicate: duplicate };
    } catch (error) {
      throw linkErrorOf(error, `${subject} was not acknowledged`, true);
    }
  }

  /** @throws {LinkError} */
  async delete(name: string): Promise<void> {
    try {
      await this.#manager.streams.delete(name);
    } catch (error) {
      if (error instanceof Error && /not found/.test(error.message)) return;
      throw linkErrorOf(error, `the stream ${name} cannot be deleted`);
    }
  }

  /**
   * Reads a stream in order, each message once, for as long as nobody closes it: whatever happens to the broker or the
   * way to it, reading goes on behind the last message that was handled. A reader with a name has that place kept by the
   * broker, one without by this process.
   * @throws {LinkError} when there is no such stream
   */
  async read(spec: ReadSpec, handler: Handler): Promise<Closeable> {
    const reader = new Reader(this.#manager, this.#client, spec, handler);
    await reader.start();
    return reader;
  }
}

class Reader implements Closeable {
  readonly #manager: JetStreamManager;
  readonly #client: JetStreamClient;
  readonly #spec: ReadSpec;
  readonly #handler: Handler;
  #last = 0;
  #closed = false;
  #stop: () => void = () => {};

  constructor(manager: JetStreamManager, client: JetStreamClient, spec: ReadSpec, handler: Handler) {
    this.#manager = manager;
    this.#client = client;
    this.#spec = spec;
    this.#handler = handler;
  }

  /** @throws {LinkError} when there is no such stream */
  async start(): Promise<void> {
    try {
      const consumer = await this.#consumer();
      void this.#run(consumer);
    } catch (error) {
      throw linkErrorOf(error, `the stream ${this.#spec.stream} cannot be read`);
    }
  }

  close(): void {
    this.#closed = true;
    this.#stop();
  }

  async #run(first: Consumer): Promise<void> {
    for (let consumer: Consumer | undefined = first; !this.#closed; consumer = undefined) {
      try {
        await this.#consume(consumer ?? (await this.#consumer()));
      } catch {
        // The broker is away, or has lost the reader: begun anew below.
      }
      if (!this.#closed) await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
    }
  }

  async #consumer(): Promise<Consumer> {
    const { stream, durable, subject } = this.#spec;
    const filter = subject === undefined ? {} : { filter_subject: subject };
    if (durable !== undefined) {
      await this.#manager.consumers.add(stream, {
        ...{ durable_name: durable, ack_policy: 'explicit', deliver_policy: 'all', ...filter },
        // One at a time: the next one is not sent before this one is done with, so order holds whatever is lost.
        ...{
          max_ack_pending: 1,
          ack_wait: ACK_WAIT_MS * NS_PER_MS,
          inactive_threshold: FORGOTTEN_MS * NS_PER_MS,
        },
      });
      return this.#client.consumers.get(stream, durable);
    }
    const { name } = await this.#manager.consumers.add(stream, {
      ...{
        ack_policy: 'none',
        deliver_policy: 'by_start_sequence',
        opt_start_seq: this.#last + 1,
        ...filter,
      },
      ...{ mem_storage: true, inactive_threshold: FORGOTTEN_NAMELESS_MS * NS_PER_MS },
    });
    return this.#client.consumers.get(stream, name);
  }

  async #consume(consumer: Consumer): Promise<void> {
    const isNamed = this.#spec.durable !== undefined;
    const messages = await consumer.consume({
      max_messages: isNamed ? 2 : MOST_AHEAD,
      expires: PULL_EXPIRES_MS,
      idle_heartbeat: IDLE_HEARTBEAT_MS,
    });
    this.#stop = () => void messages.close();
    void this.#watch(messages);
    let expected = 1;
    for await (const message of messages) {
      if (this.#closed) break;
      const { subject, data, seq, info } = message;
      // Something was lost on the way: what follows must not come before it.
      if (!isNamed && info.deliverySequence !== expected++) break;
      if (seq > this.#last) {
        this.#last = seq;
        await this.#handOn({ subject, payload: data, sequence: seq });
      }
      if (isNamed) await message.ackAck({ timeout: ACK_PATIENCE_MS });
    }
    await messages.close();
  }

  async #handOn(message: StreamMessage): Promise<void> {
    try {
      await this.#handler(message);
    } catch (error) {
      this.#spec.failed?.(error);
    }
  }

  async #watch(messages: Awaited<ReturnType<Consumer['consume']>>): Promise<void> {
    for await (const { type } of messages.status()) {
      if (type === 'heartbeats_missed' || type === 'consumer_not_found' || type === 'consumer_deleted')
        void messages.close();
    }
  }
}
