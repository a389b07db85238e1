/** The part of a response that is used, so that a test can have one that hangs. */
export interface EventSink {
  write(text: string): boolean;
  end(): unknown;
  destroy(): unknown;
  once(event: 'drain' | 'close' | 'error', listener: () => void): unknown;
}

export interface EventHubOptions {
  /** What a page needs to begin; absent = nothing yet. */
  snapshot(): string | undefined;
  /** Any clock, ms. */
  nowMs(): number;
}

export const MAX_CLIENTS = 16;
/** Whoever has read nothing for so long is gone. */
export const PATIENCE_MS = 15_000;
/** How a page that lost its connection waits before it comes again, ms (HTML, 9.2.6). */
const RETRY_MS = 2000;

interface Client {
  readonly sink: EventSink;
  /** Since when it has not taken what was sent; absent = it has. */
  fullSinceMs: number | undefined;
  /** It has missed something: a whole snapshot is due. */
  missed: boolean;
}

/**
 * Sends events (HTML, 9.2) to pages. One that does not read gets nothing more until it does, then all of what is now:
 * at most one message waits for each. One that reads nothing for long is dropped, and more than `MAX_CLIENTS` are not
 * let in.
 */
export class EventHub {
  readonly #options: EventHubOptions;
  readonly #clients = new Set<Client>();
  #ended = false;

  constructor(options: EventHubOptions) {
    this.#options = options;
  }

  get clients(): number {
    return this.#clients.size;
  }

  get isFull(): boolean {
    return this.#clients.size >= MAX_CLIENTS;
  }

  /** Lets a page in; false = there are too many. */
  add(sink: EventSink): boolean {
    if (this.isFull) return false;
    const client: Client = { sink, fullSinceMs: undefined, missed: false };
    this.#clients.add(client);
    const gone = (): void => void this.#clients.delete(client);
    sink.once('close', gone);
    sink.once('error', gone);
    this.#write(client, `retry: ${RETRY_MS}\n\n${this.#snapshotText()}`);
    if (this.#ended) this.#end(client);
    return true;
  }

  /** One message to all that read. */
  send(update: string): void {
    const text = eventText('update', update);
    for (const client of this.#clients) {
      if (client.fullSinceMs === undefined) this.#write(client, text);
      else if (this.#options.nowMs() - client.fullSinceMs > PATIENCE_MS) this.#drop(client);
      else client.missed = true;
    }
  }

  /** A sign of life while there is nothing to show. */
  sendWaiting(): void {
    for (const client of this.#clients) if (client.fullSinceMs === undefined) this.#write(client, WAITING);
  }

  /** All of what is now, to all: their curves may not be those of before. */
  sendSnapshot(): void {
    for (const client of this.#clients) {
      if (client.fullSinceMs === undefined) this.#write(client, this.#snapshotText());
      else client.missed = true;
    }
  }

  /** Nothing more will come; whoever comes later is told the last state and the same. */
  end(): void {
    this.#ended = true;
    for (const client of [...this.#clients]) this.#end(client);
  }

  #end(client: Client): void {
    client.sink.end();
    this.#clients.delete(client);
  }

  #drop(client: Client): void {
    this.#clients.delete(client);
    client.sink.destroy();
  }

  #snapshotText(): string {
    const snapshot = this.#options.snapshot();
    return snapshot === undefined ? WAITING : eventText('snapshot', snapshot);
  }

  #write(client: Client, text: string): void {
    if (client.sink.write(text)) return;
    client.fullSinceMs = this.#options.nowMs();
    client.sink.once('drain', () => {
      client.fullSinceMs = undefined;
      if (!client.missed || !this.#clients.has(client)) return;
      client.missed = false;
      this.#write(client, this.#snapshotText());
    });
  }
}

/** JSON has no line end of its own, so one `data:` line holds it. */
function eventText(name: string, json: string): string {
  return `event: ${name}\ndata: ${json}\n\n`;
}

const WAITING = eventText('waiting', '{}');
