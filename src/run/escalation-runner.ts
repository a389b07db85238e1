import type { RunConfig } from '../config.js';
import { type Measurement, nextMove } from '../scenarios/escalation.js';
import {
  clearing,
  type EscalationSpec,
  leaving,
  measuring,
  type StepPhases,
  stepPhases,
} from '../scenarios/escalation-plan.js';
import type { Segment } from '../scenarios/live-plan.js';
import type { Phase } from '../scenarios/plan.js';
import type { Cancel } from '../seams.js';
import type { Wheel } from './live-run.js';
import type { RunRecord } from './run-record.js';
import { judgeSpan, outcomeOf, type StepJudged, type StepSpan, spanOf } from './step-judgement.js';

export interface EscalationDeps {
  readonly spec: EscalationSpec;
  readonly config: RunConfig;
  readonly record: Pick<RunRecord, 'profile' | 'rows' | 'workers'>;
  /** VUs with an account. */
  readonly users: number;
  readonly wheel: Wheel;
  /** Takes each step as it was judged. */
  onStep(step: StepJudged): void;
}

/** From the end of a hold until all threads have told what was in it. */
const TOLD_MS = 1500;

/** Measures one level after the other until the breaking point is known. */
export class EscalationRunner {
  readonly #deps: EscalationDeps;
  readonly #done: Measurement[] = [];
  #names: StepPhases;
  #vus: number;
  #fromVus = 0;
  #cancel: Cancel = () => {};

  constructor(deps: EscalationDeps) {
    this.#deps = deps;
    this.#vus = deps.spec.steps[0] ?? 1;
    this.#names = stepPhases(this.#vus, 1);
  }

  /** The run has begun with the first level (`openingStages`). */
  start(): void {
    this.#judgeLater();
  }

  /** All leave: nothing more is decided. */
  stop(): void {
    this.#cancel();
  }

  /** The level that is measured now; undefined when the plan has none. */
  level(): StepSpan | undefined {
    const { config, users } = this.#deps;
    const [rise, hold] = [this.#phase(this.#names.rise), this.#phase(this.#names.step)];
    if (rise === undefined || hold === undefined) return undefined;
    return spanOf(config, users, { vus: this.#vus, fromVus: this.#fromVus, phases: [rise, hold] });
  }

  #judgeLater(): void {
    const { clock, plan } = this.#deps.wheel;
    const hold = this.#phase(this.#names.step);
    const atMs = (hold?.toMs ?? plan.plan.totalMs) + TOLD_MS;
    this.#cancel = clock.after(Math.max(0, atMs - clock.nowMs()), () => this.#decide());
  }

  #decide(): void {
    const { wheel, spec, record } = this.#deps;
    const span = this.level();
    if (span === undefined) return;
    const died = wheel.intake.ending.ending().workersDied.length;
    const step = outcomeOf(span, judgeSpan(wheel.intake.totals, record, span, died).verdict);
    this.#done.push({ vus: this.#vus, outcome: step.outcome });
    wheel.intake.note({ kind: 'step_judged', atMs: Math.round(wheel.clock.nowMs()), ...step });
    this.#deps.onStep(step);
    const move = nextMove(spec.steps, this.#done);
    if (move.kind === 'done') wheel.plan.replace(leaving(spec, this.#vus));
    else this.#goTo(move.vus, step.outcome === 'held' && move.vus > this.#vus);
  }

  /** Up from those who are there, or anew when something was wrong with them. */
  #goTo(vus: number, fromHere: boolean): void {
    const { spec, wheel } = this.#deps;
    const before: Segment[] = fromHere ? [] : clearing(spec, this.#names, this.#vus);
    this.#fromVus = fromHere ? this.#vus : 0;
    this.#vus = vus;
    this.#names = stepPhases(vus, this.#done.filter((one) => one.vus === vus).length + 1);
    wheel.plan.replace([...before, ...measuring(spec, this.#names, this.#fromVus, vus)]);
    this.#judgeLater();
  }

  #phase(name: string): Phase | undefined {
    return this.#deps.wheel.plan.plan.phases.find((phase) => phase.name === name);
  }
}
