/**
 * What is kept of the run's notable events: the first ones of each kind, and how many there were. Bounded, so
 * that a platform that fails all night does not fill the disk.
 */

/** One line of events.ndjson. */
export interface NotableEvent {
  readonly kind: string;
  readonly atMs: number;
  readonly [field: string]: unknown;
}

const MAX_EVENTS = 1000;
const MAX_PER_KIND = 100;
const MAX_KINDS = 200;
/** Orders are written beside that measure: somebody has to find and cancel them. */
const MAX_ORDERS = 10_000;

/** What was decided so far, for a later process of the same run. */
export interface EventLogState {
  readonly written: number;
  readonly counts: Readonly<Record<string, number>>;
}

/** Decides which events are written; pure but for the two counters it keeps. */
export class EventLog {
  #written = 0;
  readonly #counts = new Map<string, number>();

  get state(): EventLogState {
    return { written: this.#written, counts: this.counts() };
  }

  /** Goes on where another one stood. */
  restore({ written, counts }: EventLogState): void {
    this.#written = written;
    for (const [kind, count] of Object.entries(counts)) this.#counts.set(kind, count);
  }

  /** True when this event is to be written. Events about the run itself are always asked for with `always`. */
  admit(kind: string, always = false): boolean {
    const before = this.#counts.get(kind) ?? 0;
    if (before > 0 || this.#counts.size < MAX_KINDS) this.#counts.set(kind, before + 1);
    if (always) return true;
    if (kind === 'order_created') return before < MAX_ORDERS;
    if (before >= MAX_PER_KIND || this.#written >= MAX_EVENTS) return false;
    this.#written++;
    return true;
  }

  /** Kind -> how often it happened, written or not. */
  counts(): Record<string, number> {
    return Object.fromEntries(this.#counts);
  }
}
