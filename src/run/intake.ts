import type { FromWorker } from '../protocol.js';
import { addTick, createTotals, type Totals } from '../stats/merge.js';
import { checkTick, encodeTick } from '../stats/tick-codec.js';
import { EventLog } from './event-log.js';
import { EndingLog, type LifecycleEvent } from './lifecycle.js';
import type { RunFolder } from './run-folder.js';

/** Takes in what the workers send: ticks to the totals and to disk, notable events to disk. */
export class Intake {
  readonly totals: Totals = createTotals();
  readonly ending = new EndingLog();
  readonly #events = new EventLog();
  readonly #folder: RunFolder;

  constructor(folder: RunFolder) {
    this.#folder = folder;
  }

  /** @throws {ProtocolError} for a tick that is none: our own fault */
  take(worker: number, message: FromWorker): void {
    if (message.kind === 'tick') {
      const tick = checkTick(message.tick);
      addTick(this.totals, tick);
      this.#folder.appendTick(encodeTick(tick));
    } else if (message.kind === 'notable' && this.#events.admit(message.what)) {
      const { what, atMs, vu, detail } = message;
      this.#folder.appendEvent(JSON.stringify({ kind: what, atMs: Math.round(atMs), worker, vu, detail }));
    }
  }

  /** Something that happened to the run itself. */
  note(event: LifecycleEvent): void {
    this.#events.admit(event.kind, true);
    this.ending.add(event);
    this.#folder.appendEvent(JSON.stringify(event));
  }

  /** The run came to its end in order. */
  end(atMs: number): void {
    this.note({ kind: 'run_ended', atMs, counts: this.#events.counts() });
  }
}
