import { describe, expect, test } from 'vitest';
import {
  api,
  contextOf,
  FILLED,
  healthyRun,
  measure,
  measureIn,
  phasesOf,
  recorderOf,
  reported,
  session,
  throughDisk,
  times,
} from '../../test/support/measured.js';
import { recordOf } from '../../test/support/run-record.js';
import { VirtualClock } from '../../test/support/virtual-clock.js';
import { resolveAbortOn } from '../config/abort-on.js';
import type { ConfigIssue } from '../errors.js';
import type { ViewerEvent } from '../events.js';
import type { Clock } from '../seams.js';
import type { KpiId } from '../stats/kpis.js';
import { addTick, createTotals, type Totals } from '../stats/merge.js';
import type { PhaseSpan } from '../stats/windows.js';
import { AbortWatch, watchAbort } from './abort-watch.js';
import { conclude } from './conclude.js';
import type { Intake } from './intake.js';
import { EndingLog } from './lifecycle.js';
import { createLiveMeters, type LiveMeters } from './live-meters.js';
import type { CollectRecord, RunRecord } from './run-record.js';
import type { StepSpan } from './step-judgement.js';

const faults = times(40, () => ({ ...api(false), outcome: 'server_fault', status: 502 }) as ViewerEvent);
const SMOKE = { name: 'smoke', judges: ['api_success', 'rebuffer_ratio', 'viewers_lost'] };
const good = measure(healthyRun());
const bad = measure([...healthyRun(), ...faults]);

test('a row that fails without a break for its delay ends the run; one that recovered begins anew', () => {
  const watch = new AbortWatch([{ id: 'api_success', afterMs: 30_000 }]);
  const look = (totals: Totals, atMs: number) => watch.look(totals, contextOf(), atMs);
  expect(look(bad, 10_000)).toBeUndefined();
  expect(look(bad, 39_000)).toBeUndefined();
  expect(look(good, 39_500)).toBeUndefined();
  expect(look(bad, 40_000)).toBeUndefined();
  expect(look(bad, 69_999)).toBeUndefined();
  expect(look(bad, 70_000)).toBe('api_success');
});

test('a row without data, or that passes, ends nothing', () => {
  const watch = new AbortWatch([{ id: 'api_success', afterMs: 0 }]);
  const look = (totals: Totals, atMs: number) => watch.look(totals, contextOf(), atMs);
  expect(look(good, 1e6)).toBeUndefined();
  expect(look(measure([]), 1e6)).toBeUndefined();
  expect(look(bad, 1e6)).toBe('api_success');
});

test('a run cut short by a failing row ends as failed, and says what cut it short', () => {
  const stopped = { completed: true, workersDied: [], notes: [], stoppedBy: 'abort: api_success' };
  const failed = conclude(recordOf(), bad, stopped);
  expect(failed.summary).toMatchObject({
    verdict: 'fail',
    exitCode: 99,
    run: { stoppedBy: 'abort: api_success' },
  });
  expect(failed.summary.notes.join()).toContain('cut short by abort: api_success');
  // An advisory row may end a run, too; then nothing has failed.
  expect(conclude(recordOf(), good, stopped).summary).toMatchObject({ verdict: 'pass', exitCode: 105 });
});

test('rows and delays are read, and what is wrong is said', () => {
  const issues: ConfigIssue[] = [];
  expect(resolveAbortOn(['api_success:10s,rebuffer_ratio', 'viewers_lost:0s'], '1m', SMOKE, issues)).toEqual([
    { id: 'api_success', afterMs: 10_000 },
    { id: 'rebuffer_ratio', afterMs: 60_000 },
    { id: 'viewers_lost', afterMs: 0 },
  ]);
  expect(issues).toEqual([]);
  expect(resolveAbortOn(['rebuffer_ratio'], undefined, SMOKE, issues)).toEqual([
    { id: 'rebuffer_ratio', afterMs: 30_000 },
  ]);
  resolveAbortOn(['rebufer_ratio', 'api_success:soon', 'recovered_network:5s'], 'x', SMOKE, issues);
  expect(issues.map(({ path }) => path)).toEqual(['--abort-after', '--abort-on', '--abort-on', '--abort-on']);
  expect(issues.at(-1)).toMatchObject({
    problem: 'smoke does not judge this row',
    seen: 'recovered_network:5s',
  });
});

/** A run that is watched on virtual time; `at` may change what it has come to. */
function watched(
  rows: readonly KpiId[],
  record: RunRecord,
  levels?: { level(): StepSpan | undefined },
  meters?: LiveMeters,
) {
  const clock = new VirtualClock();
  const intake = { totals: createTotals(), ending: new EndingLog() };
  const aborted: string[] = [];
  let end: () => void = () => {};
  const over = new Promise<void>((resolve) => (end = resolve));
  watchAbort({
    rules: rows.map((id) => ({ id, afterMs: 3000 })),
    record,
    wheel: { intake: intake as unknown as Intake, clock: clock as unknown as Clock, over },
    levels,
    meters,
    abort: (why) => aborted.push(`${clock.nowMs()} ${why}`),
  });
  const saw = (phases: readonly PhaseSpan[], events: readonly ViewerEvent[], seq = 0): void => {
    const recorder = recorderOf(seq, undefined, phases);
    for (const event of events) recorder.on(reported(event));
    for (const tick of throughDisk(recorder.takeTick(60_000, true))) addTick(intake.totals, tick);
  };
  return { clock, intake, aborted, saw, end: () => end() };
}

const FAULTY = phasesOf(['before', 'hold', 20], ['cut', 'fault', 20], ['after', 'hold', 20]);
const refusals = (atMs: number): ViewerEvent[] =>
  times(100, (i) => ({ ...api(false), outcome: 'server_fault', status: 502, atMs: atMs + i }) as ViewerEvent);
const lostAt = (atMs: number): ViewerEvent[] =>
  times(5, () => session({ kind: 'vu_lost', reason: 'player' }, atMs));

test('a row of the platform’s own meters ends a run, too, as they have said so far', async () => {
  const collect = { file: 'sources.yaml', intervalMs: 1000, config: {} } as unknown as CollectRecord;
  const record = recordOf({ collect, rows: ['swap_used'], exempt: {} });
  const meters = createLiveMeters({ collect: { intervalMs: 1000 } });
  const { clock, aborted } = watched(['swap_used'], record, undefined, meters);
  const say = (atMs: number, swapMb: number) => meters?.take({ atMs, host: { swap_mb: swapMb } });
  for (let second = 0; second < 10; second++) say(second * 1000, 0);
  await clock.run(10_000);
  expect(aborted).toEqual([]);
  for (let second = 10; second < 20; second++) say(second * 1000, 3);
  await clock.run(10_000);
  expect(aborted).toEqual(['14000 abort: swap_used']);
});

describe('a run with planned faults', () => {
  const record = recordOf({ phases: FAULTY as RunRecord['phases'], exempt: {} });

  test('is not cut short by what a fault does in its own phase', async () => {
    const { clock, aborted, saw } = watched(['api_success'], record);
    saw(FAULTY, [...times(200, () => ({ ...api(false), atMs: 5000 }) as ViewerEvent), ...refusals(25_000)]);
    await clock.run(10_000);
    expect(aborted).toEqual([]);
    saw(FAULTY, refusals(45_000), 1);
    await clock.run(10_000);
    expect(aborted).toEqual(['14000 abort: api_success']);
  });

  test('is cut short by what a fault does to a row whose window is the whole run', async () => {
    const { clock, aborted, saw } = watched(['viewers_lost'], record);
    saw(FAULTY, [...healthyRun(), ...lostAt(25_000)]);
    await clock.run(10_000);
    expect(aborted).toEqual(['4000 abort: viewers_lost']);
  });

  test('is not cut short by a row that it is not judged by, or whose fault could not be made', async () => {
    const others = recordOf({ phases: FAULTY as RunRecord['phases'], rows: ['rebuffer_ratio'] });
    const spared = watched(['viewers_lost'], others);
    spared.saw(FAULTY, [...healthyRun(), ...lostAt(25_000)]);
    await spared.clock.run(10_000);
    expect(spared.aborted).toEqual([]);
    const unrecovered = [
      ...times(50, () => session({ kind: 'fault_faced', fault: 'network' }, 20_000)),
      ...times(50, () => session({ kind: 'not_recovered', fault: 'network', missing: 'both' }, 20_001)),
    ];
    for (const [failed, told] of [
      [false, ['4000 abort: recovered_network']],
      [true, []],
    ] as const) {
      const rows: KpiId[] = ['recovered_network'];
      const run = watched(rows, recordOf({ phases: FAULTY as RunRecord['phases'], rows, exempt: {} }));
      run.saw(FAULTY, unrecovered);
      if (failed) {
        const fault = { name: 'cut', breaks: 'network', at: 'end', reason: 'gone' } as const;
        run.intake.ending.add({ kind: 'fault_failed', atMs: 1, ...fault });
      }
      await run.clock.run(10_000);
      expect(run.aborted).toEqual(told);
    }
  });

  test('is judged by the plan as it stands now', async () => {
    const { clock, intake, aborted, saw } = watched(['api_success'], record);
    const plan = { ...record, phases: FAULTY.map((phase) => ({ ...phase, role: 'fault' })) };
    const { phases, plannedMs, planned, exempt } = plan as RunRecord;
    intake.ending.add({
      ...{ kind: 'plan_changed', atMs: 1, what: 'scale', words: '' },
      plan: { phases, plannedMs, planned, exempt },
    });
    saw(FAULTY, refusals(45_000));
    await clock.run(10_000);
    expect(aborted).toEqual([]);
  });
});

describe('the watch', () => {
  test('ends with the run, and asks for the end once', async () => {
    const record = recordOf({ phases: FAULTY as RunRecord['phases'], exempt: {} });
    const once = watched(['api_success'], record);
    once.saw(FAULTY, refusals(45_000));
    await once.clock.run(60_000);
    expect(once.aborted).toEqual(['4000 abort: api_success']);
    const over = watched(['api_success'], record);
    over.saw(FAULTY, refusals(45_000));
    over.end();
    await over.clock.run(60_000);
    expect(over.aborted).toEqual([]);
    expect(over.clock.pending).toBe(0);
  });

  test('of an escalation looks at the level of now: what broke in the one before is known', async () => {
    const levels = phasesOf(
      ['rise-50', 'ramp', 5],
      ['step-50', 'step', 25],
      ['rise-70', 'ramp', 5],
      ['step-70', 'step', 25],
    );
    const span = (index: number): StepSpan => {
      const phases = levels.slice(index, index + 2) as unknown as StepSpan['phases'];
      return { vus: 50, fromVus: 0, phases, planned: contextOf().planned, exempt: {} };
    };
    let now = 2;
    const { clock, aborted, saw } = watched(['api_success'], recordOf({ rows: ['api_success'] }), {
      level: () => (now < 0 ? undefined : span(now)),
    });
    saw(levels, refusals(10_000));
    await clock.run(10_000);
    now = -1;
    await clock.run(10_000);
    expect(aborted).toEqual([]);
    now = 0;
    await clock.run(10_000);
    expect(aborted).toEqual(['24000 abort: api_success']);
  });

  test('is not alarmed by a run that is well and not yet over', () => {
    const watch = new AbortWatch(FILLED.map((id) => ({ id, afterMs: 0 })));
    const phases = phasesOf(['ramp', 'ramp', 10], ['hold', 'hold', 45], ['drain', 'drain', 5]);
    const events = healthyRun();
    for (let endMs = 5000; endMs <= 60_000; endMs += 11_000) {
      const soFar = events.filter(({ atMs }) => atMs < endMs);
      const facts = { workersPlanned: 1, workersDied: 0, completed: false };
      const totals = measureIn(phases, soFar);
      expect(watch.look(totals, contextOf({ phases, facts }), endMs), `at ${endMs}`).toBeUndefined();
    }
  });
});
