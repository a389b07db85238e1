import { CameIn, type Share } from './came-in.js';
import type { Planned } from './kpi.js';
import { KPI_IDS, KPIS, type KpiId } from './kpis.js';
import { addMeasured, createTotals, type DecodedTick, type Totals } from './merge.js';
import { createSight, type Sight } from './sight.js';
import { parseKey } from './slots.js';
import type { Tick } from './tick.js';
import { troubleKindsOf } from './trouble-kinds.js';
import { Troubled, type TroubledVus } from './troubled.js';
import { createView, phasesOf } from './view.js';
import type { PhaseSpan } from './windows.js';

/** Length of a moment, ms. */
export const MOMENT_MS = 10_000;
/** A worker that sends this much later than the others still counts where it belongs. */
const SLACK_MS = 20_000;

/** A row's value in one stretch of 10 s. */
export interface Moment {
  readonly fromMs: number;
  readonly toMs: number;
  readonly phase: string;
  readonly value: number;
  readonly samples: number;
  /** Viewers that had a trouble in it that the row is made of, by number; the first `MAX_NAMED`. */
  readonly vus: readonly number[];
}

/** Stretches whose viewers are held until their ticks come: a folder gives those of a whole run at once, of a week at most. */
const MAX_WAITING = 60_480;
/** What has not come 20 minutes later, which is half of these, never will. */
const MAX_LATER = 240;
const NOBODY = new Troubled();

/** Ten seconds have no plan of their own. */
const ANYBODY: Planned = { vus: 0, byProtocol: { hls: 0, flv: 0 }, users: 0, writes: true };
/** Rows that viewers fill; figures of the platform come by another way. */
const VIEWER_ROWS = KPI_IDS.filter((id) => KPIS[id].source === 'viewers');
const ROWS = VIEWER_ROWS.filter((id) => !KPIS[id].comesLater);
const LATER_ROWS = VIEWER_ROWS.filter((id) => KPIS[id].comesLater);

/**
 * The worst ten seconds of every row in every phase, and who had trouble in them. Holds the totals of a few stretches
 * at a time; what is kept of them is one moment per row and phase, whatever the length of the run, and a few numbers of
 * the last stretches in which somebody began: whether that came to anything is told by later ones.
 */
export class Moments {
  readonly #open = new Map<number, Totals>();
  /** Of stretches that are open, or still to come. */
  readonly #troubled = new Map<number, Troubled>();
  /** By `row|phase`. */
  readonly #worst = new Map<string, Moment>();
  readonly #later = new Map<KpiId, Later>(LATER_ROWS.map((id) => [id, new Later(id)]));
  #settled = -1;
  #newestMs = 0;

  /** A tick that came for the first time. */
  add(tick: Tick, decoded: DecodedTick): void {
    const number = this.#stretchOf(tick);
    const totals = this.#open.get(number) ?? createTotals();
    this.#open.set(number, totals);
    addMeasured(totals, tick, decoded);
    this.#newestMs = Math.max(this.#newestMs, tick.toMs);
    this.#settle((this.#newestMs - SLACK_MS) / MOMENT_MS - 1);
  }

  /**
   * Viewers that had trouble in an interval; to be told before its tick. Returns those that nobody had named in its ten
   * seconds, and where these begin; undefined = nobody new, or nobody can tell any more where it belongs.
   */
  name(
    interval: Pick<Tick, 'fromMs' | 'toMs'>,
    vus: TroubledVus,
  ): { readonly fromMs: number; readonly vus: TroubledVus } | undefined {
    const number = this.#stretchOf(interval);
    const troubled = this.#troubled.get(number) ?? new Troubled();
    if (!this.#troubled.has(number) && this.#troubled.size >= MAX_WAITING) return undefined;
    this.#troubled.set(number, troubled);
    const added = Object.entries(vus).flatMap(([kind, named]) => {
      const fresh = named.filter((vu) => troubled.add(kind, vu));
      return fresh.length === 0 ? [] : [[kind, fresh] as const];
    });
    return added.length === 0 ? undefined : { fromMs: number * MOMENT_MS, vus: Object.fromEntries(added) };
  }

  /** The worst of a row in these phases; undefined when nothing was measured of it there. */
  worst(id: KpiId, phases: readonly string[]): Moment | undefined {
    this.#settle(Number.POSITIVE_INFINITY);
    const later = this.#later.get(id);
    if (later !== undefined) return later.worst(phases);
    let worst: Moment | undefined;
    for (const phase of phases) worst = worseOf(id, worst, this.#worst.get(`${id}|${phase}`));
    return worst;
  }

  /** What comes too late for its own stretch counts in the oldest that is open. */
  #stretchOf({ fromMs, toMs }: Pick<Tick, 'fromMs' | 'toMs'>): number {
    return Math.max(this.#settled + 1, Math.floor((fromMs + toMs) / 2 / MOMENT_MS));
  }

  #settle(upTo: number): void {
    const done = [...this.#open.keys()].filter((number) => number <= upTo).sort((a, b) => a - b);
    for (const number of done) {
      const totals = this.#open.get(number);
      this.#open.delete(number);
      this.#settled = Math.max(this.#settled, number);
      if (totals !== undefined) this.#note(number * MOMENT_MS, totals, this.#troubled.get(number) ?? NOBODY);
    }
    if (done.length === 0) return;
    for (const number of this.#troubled.keys()) if (number <= this.#settled) this.#troubled.delete(number);
  }

  #note(fromMs: number, totals: Totals, troubled: Troubled): void {
    const toMs = fromMs + MOMENT_MS;
    for (const phase of phasesOf(totals)) {
      const phases: PhaseSpan[] = [{ name: phase, role: 'hold', fromMs, toMs }];
      const sight = createSight(totals, { planned: ANYBODY, phases, fromMs });
      const view = createView(totals, [phase]);
      for (const later of this.#later.values())
        later.note({ fromMs, toMs, phase }, totals, { sight, troubled });
      for (const id of ROWS) {
        const { value, samples } = KPIS[id].compute(view, view, sight);
        // Nothing lost by nobody is no moment; a loss is one without samples of its own, too.
        if (value === undefined || !Number.isFinite(value) || (samples === 0 && value === 0)) continue;
        const key = `${id}|${phase}`;
        const shown = KPIS[id].unit === '%' && isShare(id) ? Math.min(100, value) : value;
        const known = this.#worst.get(key);
        const moment = { fromMs, toMs, phase, value: shown, samples, vus: [] };
        if (worseOf(id, known, moment) !== known)
          this.#worst.set(key, { ...moment, vus: troubled.of(troubleKindsOf(id)) });
      }
    }
  }
}

/**
 * Moments of a row that `comesLater`: a stretch alone would be the worse the more of those that began in it were still
 * on their way at its end.
 */
class Later {
  readonly #id: KpiId;
  readonly #came: CameIn;
  #stretches: Omit<Moment, 'value' | 'samples'>[] = [];
  /** Of stretches that are held no more, by phase. */
  readonly #settled = new Map<string, Moment>();

  constructor(id: KpiId) {
    this.#id = id;
    this.#came = new CameIn(KPIS[id]);
  }

  /** One phase of the next stretch. */
  note(
    stretch: Pick<Moment, 'fromMs' | 'toMs' | 'phase'>,
    totals: Totals,
    { sight, troubled }: { readonly sight: Sight; readonly troubled: Troubled },
  ): void {
    const { metrics } = KPIS[this.#id];
    const own = [...totals.counters].filter(([key]) => {
      const parsed = parseKey(key);
      return parsed?.phase === stretch.phase && metrics.includes(parsed.metric);
    });
    if (own.length === 0) return;
    this.#came.add(own, sight);
    this.#stretches.push({ ...stretch, vus: troubled.of(troubleKindsOf(this.#id)) });
    if (this.#stretches.length >= MAX_LATER) this.#settle(MAX_LATER / 2);
  }

  worst(phases: readonly string[]): Moment | undefined {
    let worst: Moment | undefined;
    for (const moment of [...this.#settled.values(), ...momentsOf(this.#stretches, this.#came.shares())])
      if (phases.includes(moment.phase)) worst = worseOf(this.#id, worst, moment);
    return worst;
  }

  #settle(stretches: number): void {
    for (const moment of momentsOf(this.#stretches, this.#came.settle(stretches))) {
      const worst = worseOf(this.#id, this.#settled.get(moment.phase), moment);
      if (worst !== undefined) this.#settled.set(moment.phase, worst);
    }
    this.#stretches = this.#stretches.slice(stretches);
  }
}

/** Stretches in which somebody began. */
function momentsOf(
  stretches: readonly Omit<Moment, 'value' | 'samples'>[],
  shares: readonly Share[],
): Moment[] {
  return shares.flatMap(({ value, samples }, i) => {
    const stretch = stretches[i];
    return stretch === undefined || value === undefined ? [] : [{ ...stretch, value, samples }];
  });
}

/** A share of successes: what began before a border and ended after it may make it more than whole. */
function isShare(id: KpiId): boolean {
  const { op } = KPIS[id].bound;
  return op === '>' || op === '>=';
}

function worseOf(id: KpiId, a: Moment | undefined, b: Moment | undefined): Moment | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  if (a.value === b.value) return a.fromMs <= b.fromMs ? a : b;
  return b.value < a.value === isShare(id) ? b : a;
}
