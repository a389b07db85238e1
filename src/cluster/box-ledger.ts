import type { Beat, BoxRecord } from './agent-messages.js';
import type { BoxNews } from './box.js';
import { type OrderState, RecordOrder, type SeqRange } from './record-order.js';

/** What came of a box, for the report of its run. */
export interface BoxAccount {
  /** Records that came, each once. */
  readonly received: number;
  /** Came once more, and counted once. */
  readonly duplicates: number;
  /** Messages in its name that were none. */
  readonly garbage: number;
  /** Records that are missing for good. */
  readonly missing: number;
  /** Which of them, by process of the box; the first thousand of each. */
  readonly gaps: readonly (SeqRange & { readonly epoch: string })[];
  /** What the box said of its outbox last; absent = nothing. */
  readonly outbox?: Beat['outbox'];
  /** Its clock beside the coordinator's, as it said last; absent = never compared. */
  readonly clock?: Beat['clock'];
  /** Greatest error of its clock in the run, ms; absent = never compared. */
  readonly worstClockErrorMs?: number;
  /** What became of it, oldest first; bounded. */
  readonly news: readonly BoxNews[];
}

/** What was taken in of one box, for a later process of the coordinator. */
export interface LedgerState {
  /** By process of the box. */
  readonly epochs: Readonly<Record<string, OrderState>>;
  readonly garbage: number;
  readonly worstClockErrorMs?: number | undefined;
  /** Nothing more of it is waited for. */
  readonly isDone: boolean;
}

/** More processes of one box than this in one run are no accident. */
const MOST_EPOCHS = 16;
const MOST_NEWS = 100;
const MOST_KINDS = 20;
/** Two clocks part by less than this from one sign of life to the next. */
const DRIFT_MS = 10;

type Entry = BoxRecord & { readonly seq: number; readonly dropped?: SeqRange };

/** Books what comes from one box: its records in order and once, its garbage, its own words on itself. */
export class BoxLedger {
  readonly #had: LedgerState | undefined;
  readonly #orders = new Map<string, RecordOrder<Entry>>();
  readonly #garbageKinds = new Set<string>();
  readonly #news: BoxNews[] = [];
  #garbage = 0;
  #beat: Beat | undefined;
  #worstClockErrorMs: number | undefined;

  /** @param had what an earlier process of the coordinator took in */
  constructor(had?: LedgerState) {
    this.#had = had;
    this.#garbage = had?.garbage ?? 0;
    this.#worstClockErrorMs = had?.worstClockErrorMs;
    for (const epoch of Object.keys(had?.epochs ?? {})) this.#orderOf(epoch);
  }

  /**
   * The records whose turn it is now. `isGone`: nothing more will come of its process.
   * @param isCounted an earlier process of the coordinator has counted it
   */
  take(
    record: BoxRecord,
    isCounted = false,
  ): { readonly ready: readonly BoxRecord[]; readonly isGone: boolean } {
    const order = this.#orderOf(record.epoch);
    if (order === undefined) {
      this.garbage('more processes of one box than there can be');
      return { ready: [], isGone: false };
    }
    if (record.kind === 'gone') return { ready: order.close(), isGone: true };
    const dropped = record.kind === 'dropped' ? { dropped: { from: record.from, to: record.to } } : {};
    return { ready: order.take({ ...record, ...dropped } as Entry, isCounted), isGone: false };
  }

  /** Nothing more is waited for: what waited for others. */
  close(): readonly BoxRecord[] {
    return [...this.#orders.values()].flatMap((order) => order.close());
  }

  upTo(epoch: string): number {
    return this.#orders.get(epoch)?.upTo ?? 0;
  }

  beat(beat: Beat): void {
    const before = this.#beat?.clock;
    this.#beat = beat;
    if (beat.clock === undefined) return;
    const { uncertaintyMs } = beat.clock;
    this.#worstClockErrorMs = Math.max(
      this.#worstClockErrorMs ?? 0,
      uncertaintyMs,
      steppedMs(before, beat.clock),
    );
  }

  news(news: BoxNews): void {
    if (this.#news.length < MOST_NEWS) this.#news.push(news);
  }

  /** Counts it; true for the first of its kind. */
  garbage(words: string): boolean {
    this.#garbage += 1;
    if (this.#garbageKinds.has(words) || this.#garbageKinds.size >= MOST_KINDS) return false;
    this.#garbageKinds.add(words);
    return true;
  }

  get state(): Omit<LedgerState, 'isDone'> {
    return {
      epochs: Object.fromEntries([...this.#orders].map(([epoch, order]) => [epoch, order.state])),
      garbage: this.#garbage,
      ...(this.#worstClockErrorMs === undefined ? {} : { worstClockErrorMs: this.#worstClockErrorMs }),
    };
  }

  get account(): BoxAccount {
    const orders = [...this.#orders];
    const sum = (of: (order: RecordOrder<Entry>) => number): number =>
      orders.reduce((total, [, order]) => total + of(order), 0);
    const { outbox, clock } = this.#beat ?? {};
    return {
      received: sum((order) => order.receivedCount),
      duplicates: sum((order) => order.duplicateCount),
      garbage: this.#garbage,
      missing: sum((order) => order.missingCount),
      gaps: orders.flatMap(([epoch, order]) => order.gaps.map((gap) => ({ ...gap, epoch }))),
      ...(outbox === undefined ? {} : { outbox }),
      ...(clock === undefined ? {} : { clock }),
      ...(this.#worstClockErrorMs === undefined ? {} : { worstClockErrorMs: this.#worstClockErrorMs }),
      news: this.#news,
    };
  }

  #orderOf(epoch: string): RecordOrder<Entry> | undefined {
    const known = this.#orders.get(epoch);
    if (known !== undefined || this.#orders.size >= MOST_EPOCHS) return known;
    const order = new RecordOrder<Entry>(this.#had?.epochs[epoch]);
    this.#orders.set(epoch, order);
    return order;
  }
}

/** By how much a clock was set between two words on it, ms: so wrong were its readings until that was noticed. */
function steppedMs(before: Beat['clock'], now: NonNullable<Beat['clock']>): number {
  if (before === undefined) return 0;
  const apartMs = Math.abs(now.offsetMs - before.offsetMs);
  return apartMs > before.uncertaintyMs + now.uncertaintyMs + DRIFT_MS ? apartMs : 0;
}
