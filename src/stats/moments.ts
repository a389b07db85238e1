import type { Planned } from './kpi.js';
import { KPI_IDS, KPIS, type KpiId } from './kpis.js';
import { addMeasured, createTotals, type DecodedTick, type Totals } from './merge.js';
import { createSight } from './sight.js';
import type { Tick } from './tick.js';
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
}

/** Ten seconds have no plan of their own. */
const ANYBODY: Planned = { vus: 0, byProtocol: { hls: 0, flv: 0 }, users: 0, writes: true };
/** Rows that viewers fill; figures of the platform come by another way. */
const ROWS = KPI_IDS.filter((id) => KPIS[id].source === 'viewers');

/**
 * The worst ten seconds of every row in every phase. Holds the totals of a few stretches at a time; what is kept of
 * them is one moment per row and phase, whatever the length of the run.
 */
export class Moments {
  readonly #open = new Map<number, Totals>();
  /** By `row|phase`. */
  readonly #worst = new Map<string, Moment>();
  #settled = -1;
  #newestMs = 0;

  /** A tick that came for the first time. */
  add(tick: Tick, decoded: DecodedTick): void {
    const middleMs = (tick.fromMs + tick.toMs) / 2;
    const number = Math.max(this.#settled + 1, Math.floor(middleMs / MOMENT_MS));
    const totals = this.#open.get(number) ?? createTotals();
    this.#open.set(number, totals);
    addMeasured(totals, tick, decoded);
    this.#newestMs = Math.max(this.#newestMs, tick.toMs);
    this.#settle((this.#newestMs - SLACK_MS) / MOMENT_MS - 1);
  }

  /** The worst of a row in these phases; undefined when nothing was measured of it there. */
  worst(id: KpiId, phases: readonly string[]): Moment | undefined {
    this.#settle(Number.POSITIVE_INFINITY);
    let worst: Moment | undefined;
    for (const phase of phases) worst = worseOf(id, worst, this.#worst.get(`${id}|${phase}`));
    return worst;
  }

  #settle(upTo: number): void {
    const done = [...this.#open.keys()].filter((number) => number <= upTo).sort((a, b) => a - b);
    for (const number of done) {
      const totals = this.#open.get(number);
      this.#open.delete(number);
      this.#settled = Math.max(this.#settled, number);
      if (totals !== undefined) this.#note(number * MOMENT_MS, totals);
    }
  }

  #note(fromMs: number, totals: Totals): void {
    const toMs = fromMs + MOMENT_MS;
    for (const phase of phasesOf(totals)) {
      const phases: PhaseSpan[] = [{ name: phase, role: 'hold', fromMs, toMs }];
      const sight = createSight(totals, { planned: ANYBODY, phases, fromMs });
      const view = createView(totals, [phase]);
      for (const id of ROWS) {
        const { value, samples } = KPIS[id].compute(view, view, sight);
        // Nothing lost by nobody is no moment; a loss is one without samples of its own, too.
        if (value === undefined || !Number.isFinite(value) || (samples === 0 && value === 0)) continue;
        const key = `${id}|${phase}`;
        const shown = KPIS[id].unit === '%' && isShare(id) ? Math.min(100, value) : value;
        const worst = worseOf(id, this.#worst.get(key), { fromMs, toMs, phase, value: shown, samples });
        if (worst !== undefined) this.#worst.set(key, worst);
      }
    }
  }
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
