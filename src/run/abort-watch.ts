import type { AbortRule } from '../config/abort-on.js';
import { type JudgeContext, judge } from '../stats/gate.js';
import { KPIS, type KpiId } from '../stats/kpis.js';
import type { Totals } from '../stats/merge.js';
import type { EscalationRunner } from './escalation-runner.js';
import { judgedAs } from './judged-as.js';
import { type LiveMeters, withMeters } from './live-meters.js';
import type { Wheel } from './live-run.js';
import type { RunRecord } from './run-record.js';
import { type SpanSight, sightOfSpan } from './step-judgement.js';

/** What `stoppedBy` says of a run that a failing row cut short, before the row's id. */
export const ABORT = 'abort';

/**
 * Looks at the rows that may end a run, on all that was measured so far, as the end of the run would judge them: a row
 * that the run is not judged by, or that its fault has spoilt, ends nothing.
 */
export class AbortWatch {
  readonly #rules: readonly AbortRule[];
  /** Since when each row has failed without a break, run ms. */
  readonly #since = new Map<KpiId, number>();

  constructor(rules: readonly AbortRule[]) {
    this.#rules = rules;
  }

  /** The row that has failed long enough, or undefined. */
  look(totals: Totals, context: JudgeContext, nowMs: number): KpiId | undefined {
    const failing = new Set(
      judge(totals, context)
        .rows.filter(({ status }) => status === 'fail')
        .map(({ id }) => id),
    );
    for (const { id, afterMs } of this.#rules) {
      if (!failing.has(id)) {
        this.#since.delete(id);
        continue;
      }
      const sinceMs = this.#since.get(id) ?? nowMs;
      this.#since.set(id, sinceMs);
      if (nowMs - sinceMs >= afterMs) return id;
    }
    return undefined;
  }
}

const LOOK_MS = 1000;

export interface AbortDeps {
  readonly rules: readonly AbortRule[];
  readonly record: RunRecord;
  readonly wheel: Pick<Wheel, 'intake' | 'clock' | 'over'>;
  /** Of an escalation: each level is judged by itself. */
  readonly levels: Pick<EscalationRunner, 'level'> | undefined;
  /** Of a run that collects. */
  readonly meters?: Pick<LiveMeters, 'data'> | undefined;
  /** Ends the run; takes why. */
  abort(why: string): void;
}

/** Looks once a second whether a row has failed long enough to end the run. */
export function watchAbort({ rules, record, wheel, levels, meters, abort }: AbortDeps): void {
  // The meters of an hour are many points: they are gone through only for rows that are made of them.
  const asked = rules.some(({ id }) => KPIS[id].source === 'collector') ? meters : undefined;
  const { intake, clock, over } = wheel;
  const watch = new AbortWatch(rules);
  let cancel = (): void => {};
  const arm = (): void => {
    cancel = clock.after(LOOK_MS, () => {
      const sight = sightNow(intake, record, levels, asked);
      const id = sight && watch.look(sight.totals, sight.context, clock.nowMs());
      if (id !== undefined) abort(`${ABORT}: ${id}`);
      else arm();
    });
  };
  arm();
  void over.then(() => cancel());
}

/** What there is to judge now, and by what: as the end of the run would, or of an escalation the end of this level. */
function sightNow(
  { totals, ending: log }: Pick<Wheel['intake'], 'totals' | 'ending'>,
  record: RunRecord,
  levels: AbortDeps['levels'],
  meters: AbortDeps['meters'],
): SpanSight | undefined {
  const ending = log.ending();
  if (levels === undefined) return { totals, context: judgedAs(record, withMeters(ending, meters)) };
  const level = levels.level();
  return level && sightOfSpan(totals, record, level, ending.workersDied.length);
}
