import { type RunConfig, resolveConfig } from '../../src/config.js';
import { conclude } from '../../src/run/conclude.js';
import { EscalationRunner } from '../../src/run/escalation-runner.js';
import { Intake } from '../../src/run/intake.js';
import type { Wheel } from '../../src/run/live-run.js';
import { changedPlan } from '../../src/run/plan-changed.js';
import { type AppendFile, RunFolder } from '../../src/run/run-folder.js';
import { RunPlan } from '../../src/run/run-plan.js';
import { createRunRecord, type RunRecord } from '../../src/run/run-record.js';
import type { StepJudged } from '../../src/run/step-judgement.js';
import { type EscalationSpec, openingStages } from '../../src/scenarios/escalation-plan.js';
import { createPlan, type Phase, type Plan } from '../../src/scenarios/plan.js';
import type { Tick } from '../../src/stats/tick.js';
import { VirtualClock } from './virtual-clock.js';

/** One level that was held, as its measurement is asked for. */
export interface HeldStep {
  readonly rise: Phase;
  readonly hold: Phase;
  readonly vus: number;
  /** Who was there before the rise. */
  readonly fromVus: number;
  /** How often this level was measured, with this time. */
  readonly turn: number;
  readonly plan: Plan;
}

const TARGET = {
  apiUrl: 'http://h',
  socketUrl: 'http://h',
  flvUrl: 'http://h',
  hlsUrl: 'http://h',
  streamKey: 'k',
};

/**
 * A whole escalation on virtual time, without workers: what is measured of a step is asked of `measure` when its hold
 * is over. `judges` in place of the profile's own rows.
 */
export function escalationWorld(
  flags: Parameters<typeof resolveConfig>[0],
  measure: (step: HeldStep) => readonly Tick[],
  judges?: readonly string[],
) {
  const resolved = resolveConfig({ profile: 'escalation', ...flags }, { cores: 4 });
  const spec = resolved.escalation as EscalationSpec;
  const stages = openingStages(spec, resolved.vus);
  const profile = { ...resolved.profile, stages, judges: judges ?? resolved.profile.judges };
  const config: RunConfig = { ...resolved, workers: 1, profile };
  const plan = createPlan(config.profile, config);
  const clock = new VirtualClock();
  const lines: string[] = [];
  const file: AppendFile = {
    appendFile: async (text) => void lines.push(...text.trimEnd().split('\n')),
    close: async () => {},
  };
  const folder = new RunFolder('runs/x', file, file, () => {});
  const intake = new Intake(folder, (text) => text);
  const runPlan = new RunPlan({
    ...{ plan, maxVus: config.vus, nowMs: () => clock.nowMs(), send: () => {} },
    note: (event) => intake.note(event),
    describe: (changed) => changedPlan(config, changed, config.vus),
  });
  const record: RunRecord = createRunRecord({
    ...{ id: 'run', config, plan, startEpochMs: 0, users: config.vus, version: '0', target: TARGET },
    before: { machine: { cores: 4, memoryBytes: 8e9 } },
  });
  const steps: StepJudged[] = [];
  const wheel: Wheel = { plan: runPlan, intake, clock, over: new Promise(() => {}) };
  const runner = new EscalationRunner({
    ...{ spec, config, record, users: config.vus, wheel },
    onStep: (step) => steps.push(step),
  });
  const turns = new Map<number, number>();
  const tell = (hold: Phase): void => {
    const { phases, vusAt } = runPlan.plan;
    const rise = phases.findLast(({ name }) => name.startsWith('rise')) as Phase;
    const vus = vusAt(hold.fromMs);
    const turn = (turns.get(vus) ?? 0) + 1;
    turns.set(vus, turn);
    const fromVus = rise.fromMs === 0 ? 0 : vusAt(rise.fromMs - 1);
    const ticks = measure({ rise, hold, vus, fromVus, turn, plan: runPlan.plan });
    for (const tick of ticks) intake.take(0, { kind: 'tick', tick });
  };
  const run = async (): Promise<void> => {
    runner.start();
    for (let told = ''; clock.nowMs() < runPlan.plan.totalMs; ) {
      const hold = runPlan.plan.phases.findLast(({ role }) => role === 'step');
      if (hold && hold.name !== told && clock.nowMs() >= hold.toMs) {
        told = hold.name;
        tell(hold);
      }
      await clock.run(500);
    }
    intake.end(clock.nowMs());
  };
  const found = () => conclude(record, intake.totals, intake.ending.ending());
  return { run, found, steps, plan: () => runPlan.plan, clock, lines, record, intake, runner, folder };
}
