import type { RecordName } from '../cluster/box.js';
import { ROOM_UNHEARD } from '../cluster/room-book.js';
import type { FromWorker } from '../protocol.js';
import type { Redact } from '../redact.js';
import { addTick, createTotals, decodeHistograms, type Totals } from '../stats/merge.js';
import { Moments } from '../stats/moments.js';
import { OwnFigures } from '../stats/own-figures.js';
import { RecentWindow } from '../stats/recent.js';
import type { RunSeries } from '../stats/run-series.js';
import type { Tick } from '../stats/tick.js';
import { checkTick, encodeTick } from '../stats/tick-codec.js';
import type { EventLine } from './event-lines.js';
import { EventLog, type EventLogState } from './event-log.js';
import { EndingLog, type LifecycleEvent, ORDER_CREATED } from './lifecycle.js';
import type { RunFolder } from './run-folder.js';
import type { TraceFolder } from './trace-folder.js';
import { nameTroubled, troubledLine } from './troubled-lines.js';

/** How many events were taken in and written, for a later process of the same run. */
export interface IntakeState extends EventLogState {
  /** Lines of events.ndjson. */
  readonly lines: number;
}

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
  #lines = 0;
  /** Records of which an earlier process has written a line; absent = there was none. */
  /** Boxes that did not hear of another one's room: one line each. */
  readonly #deaf = new Set<string>();
  #written: Set<string> | undefined;

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

  get state(): IntakeState {
    return { ...this.#events.state, lines: this.#lines };
  }

  /**
   * Goes on where an earlier process of this run stood: `lines` and `ticks` are what its folder holds, `state` is what
   * it had counted when it was looked at last. What is taken in again afterwards is written once.
   */
  async restore(
    state: IntakeState,
    lines: AsyncIterable<EventLine | undefined>,
    ticks: AsyncIterable<Tick>,
  ): Promise<void> {
    this.#written = new Set();
    this.#events.restore(state);
    for await (const event of lines) {
      this.#lines += 1;
      this.ending.addLine(event);
      if (event === undefined) continue;
      nameTroubled(event, this.moments);
      if (typeof event.record === 'string') this.#written.add(event.record);
      // What came of a record is counted when the record comes again.
      else if (this.#lines > state.lines) this.#events.admit(event.kind, true);
    }
    for await (const tick of ticks) {
      const decoded = decodeHistograms(tick);
      if (addTick(this.totals, tick, decoded)) this.moments.add(tick, decoded);
      this.recent.add(tick, decoded);
      this.series?.add(tick, decoded);
    }
  }

  /**
   * Takes in what a worker said; `box` names its box where there are several, `record` what brought it.
   * @throws {ProtocolError} for a tick that is none: our own fault
   */
  take(worker: number, message: FromWorker, box?: string, record?: RecordName): void {
    const mark = markOf(box, record);
    if (message.kind === 'tick') {
      const tick = checkTick(message.tick);
      if (this.#hasTick(tick)) return;
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
      if (this.#isWritten(mark) || this.#isPast(box, worker, message.toMs)) return;
      const named = this.moments.name(message, message.vus);
      if (named !== undefined) this.#append({ ...troubledLine(named), ...mark });
    } else if (message.kind === 'notable' && message.what === ROOM_UNHEARD && box !== undefined) {
      // It decides what can be judged: written whatever else there was to write.
      const { atMs, detail = '' } = message;
      if (this.#deaf.has(box)) return;
      this.#deaf.add(box);
      this.note({ kind: 'room_unheard', atMs: Math.round(atMs), box, detail }, box, record);
    } else if (message.kind === 'notable' && this.#events.admit(message.what)) {
      const { what, atMs, vu } = message;
      const detail = message.detail === undefined ? undefined : this.#redact(message.detail);
      if (this.#isWritten(mark)) return;
      if (what === ORDER_CREATED && detail !== undefined) this.ending.addOrder(detail);
      this.#append({ kind: what, atMs: Math.round(atMs), box, worker, vu, detail, ...mark });
    }
  }

  /** Something worth a line that the main thread saw; the first ones of each kind are written. */
  remark(what: string, atMs: number, detail: string): void {
    if (!this.#events.admit(what)) return;
    this.#append({ kind: what, atMs, detail: this.#redact(detail) });
  }

  /** Something that happened to the run itself; `record` of the box is what told of it. */
  note(raw: LifecycleEvent, box?: string, record?: RecordName): void {
    const event = this.#redacted(raw);
    const mark = markOf(box, record);
    this.#events.admit(event.kind, true);
    if (this.#isWritten(mark)) return;
    this.ending.add(event);
    this.#append({ ...event, ...mark });
  }

  #append(event: object): void {
    this.#lines += 1;
    this.#folder.appendEvent(JSON.stringify(event));
  }

  #isWritten({ record }: { readonly record?: string }): boolean {
    return record !== undefined && this.#written?.has(record) === true;
  }

  /** An earlier process has written this thread's tick of that time, and before it all that belongs to it. */
  #isPast(box: string | undefined, worker: number, toMs: number): boolean {
    if (this.#written === undefined) return false;
    return (this.totals.workers.get(`${box ?? ''}/${worker}`)?.lastToMs ?? -1) >= toMs;
  }

  /** It stands in the folder: an earlier process has written it. */
  #hasTick({ box, worker, seq }: Tick): boolean {
    return this.#written !== undefined && this.totals.workers.get(`${box}/${worker}`)?.seqs.has(seq) === true;
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

/** Names the record in the line that comes of it, so that a later process knows it. */
function markOf(box: string | undefined, record: RecordName | undefined): { readonly record?: string } {
  return record === undefined ? {} : { record: `${box ?? ''}:${record.epoch}:${record.seq}` };
}
