import type { FromWorker } from '../protocol.js';
import type { Redact } from '../redact.js';
import { addTick, createTotals, decodeHistograms, type Totals } from '../stats/merge.js';
import { Moments } from '../stats/moments.js';
import { OwnFigures } from '../stats/own-figures.js';
import { RecentWindow } from '../stats/recent.js';
import type { RunSeries } from '../stats/run-series.js';
import { checkTick, encodeTick } from '../stats/tick-codec.js';
import { EventLog } from './event-log.js';
import { EndingLog, type LifecycleEvent, ORDER_CREATED } from './lifecycle.js';
import type { RunFolder } from './run-folder.js';
import type { TraceFolder } from './trace-folder.js';
import { troubledLine } from './troubled-lines.js';

/** Takes in what the workers send: ticks to the totals and to disk, notable events and traces to disk. */
export class Intake {
  readonly totals: Totals = createTotals();
  /** The worst ten seconds of each row. */
  readonly moments = new Moments();
  /** The last seconds, for whoever looks on. */
  readonly recent = new RecentWindow();
  /** What the generator says of itself, for the lines of its collector. */
  readonly own = new OwnFigures();
  /** The run over time, for its reports; absent = none are wanted. */
  readonly series: RunSeries | undefined;
  readonly ending = new EndingLog();
  readonly #events = new EventLog();
  readonly #folder: RunFolder;
  readonly #redact: Redact;
  readonly #traces: Pick<TraceFolder, 'take'> | undefined;

  constructor(
    folder: RunFolder,
    redact: Redact,
    {
      traces,
      series,
    }: { traces?: Pick<TraceFolder, 'take'> | undefined; series?: RunSeries | undefined } = {},
  ) {
    this.#traces = traces;
    this.series = series;
    this.#folder = folder;
    this.#redact = redact;
  }

  /**
   * Takes in what a worker said; `box` names its box where there are several.
   * @throws {ProtocolError} for a tick that is none: our own fault
   */
  take(worker: number, message: FromWorker, box?: string): void {
    if (message.kind === 'tick') {
      const tick = checkTick(message.tick);
      const decoded = decodeHistograms(tick);
      // One that came before is counted in the totals, and nowhere else: the folder holds each once.
      if (!addTick(this.totals, tick, decoded)) return;
      this.moments.add(tick, decoded);
      this.recent.add(tick, decoded);
      this.own.add(tick);
      this.series?.add(tick, decoded);
      this.#folder.appendTick(encodeTick(tick));
    } else if (message.kind === 'trace') this.#traces?.take(message.vu, message.lines);
    else if (message.kind === 'troubled') {
      const named = this.moments.name(message, message.vus);
      if (named !== undefined) this.#folder.appendEvent(troubledLine(named));
    } else if (message.kind === 'notable' && this.#events.admit(message.what)) {
      const { what, atMs, vu } = message;
      const detail = message.detail === undefined ? undefined : this.#redact(message.detail);
      if (what === ORDER_CREATED && detail !== undefined) this.ending.addOrder(detail);
      this.#folder.appendEvent(
        JSON.stringify({ kind: what, atMs: Math.round(atMs), box, worker, vu, detail }),
      );
    }
  }

  /** Something worth a line that the main thread saw; the first ones of each kind are written. */
  remark(what: string, atMs: number, detail: string): void {
    if (!this.#events.admit(what)) return;
    this.#folder.appendEvent(JSON.stringify({ kind: what, atMs, detail: this.#redact(detail) }));
  }

  /** Something that happened to the run itself. */
  note(raw: LifecycleEvent): void {
    const event = this.#redacted(raw);
    this.#events.admit(event.kind, true);
    this.ending.add(event);
    this.#folder.appendEvent(JSON.stringify(event));
  }

  /** What others said, or a user wrote, may hold a secret. */
  #redacted(raw: LifecycleEvent): LifecycleEvent {
    const texts = Object.entries(raw)
      .filter(([key, value]) => ['reason', 'what', 'detail'].includes(key) && typeof value === 'string')
      .map(([key, value]) => [key, this.#redact(value as string)]);
    return { ...raw, ...Object.fromEntries(texts) };
  }

  /** The run came to its end in order. */
  end(atMs: number): void {
    this.note({ kind: 'run_ended', atMs, counts: this.#events.counts() });
  }
}
