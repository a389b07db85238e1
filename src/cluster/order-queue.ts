import type { ToWorker } from '../protocol.js';
import type { Cancel, Clock } from '../seams.js';
import { MAX_WIRE_BYTES, writeWire } from './agent-messages.js';
import { type Link, LinkError } from './link.js';

export interface OrderQueueDeps {
  readonly link: Pick<Link, 'append' | 'onUp'>;
  readonly clock: Pick<Clock, 'after'>;
  readonly run: string;
  readonly head: string;
  readonly box: string;
  readonly subject: string;
  /** An order cannot be told, now or ever: `kind` of it. Those behind it are. */
  onUntellable(kind: ToWorker['kind']): void;
}

const RETRY_MS = 250;

/**
 * Orders to one box, in order and each once: into the stream that the box reads from where it stopped. While the
 * broker is away they wait here; of readings of the publisher's clock the last one is enough.
 */
export class OrderQueue {
  readonly #deps: OrderQueueDeps;
  readonly #waiting: ToWorker[] = [];
  readonly #ups: { close(): void };
  #seq = 0;
  #sending = false;
  #closed = false;
  #retry: Cancel | undefined;

  constructor(deps: OrderQueueDeps) {
    this.#deps = deps;
    this.#ups = deps.link.onUp((isUp) => {
      if (isUp) void this.#send();
    });
  }

  add(message: ToWorker): void {
    const last = this.#waiting.at(-1);
    // The first one may be on its way.
    const replaces = this.#waiting.length > 1 && isPlainReading(last) && isPlainReading(message);
    if (replaces) this.#waiting.pop();
    this.#waiting.push(message);
    void this.#send();
  }

  close(): void {
    this.#closed = true;
    this.#retry?.();
    this.#ups.close();
  }

  async #send(): Promise<void> {
    if (this.#sending) return;
    this.#sending = true;
    const { link, run, head, box, subject } = this.#deps;
    for (let [message] = this.#waiting; message !== undefined && !this.#closed; [message] = this.#waiting) {
      const seq = this.#seq + 1;
      const bytes = writeWire({ v: 1, run, box, head, seq, message });
      try {
        if (bytes.byteLength > MAX_WIRE_BYTES) throw new LinkError('too_large', 'more than a box reads');
        await link.append(subject, bytes, `${head}:${box}:${seq}`);
      } catch (error) {
        if (!(error instanceof LinkError && error.code === 'too_large')) {
          // It may have arrived: the same number under the same id counts once.
          this.#later();
          break;
        }
        this.#waiting.shift();
        this.#deps.onUntellable(message.kind);
        continue;
      }
      this.#seq = seq;
      this.#waiting.shift();
    }
    this.#sending = false;
  }

  #later(): void {
    if (this.#closed || this.#retry !== undefined) return;
    this.#retry = this.#deps.clock.after(RETRY_MS, () => {
      this.#retry = undefined;
      void this.#send();
    });
  }
}

function isPlainReading(message: ToWorker | undefined): boolean {
  return message?.kind === 'publisher_clock' && message.steppedMs === undefined;
}
