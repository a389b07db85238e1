import { describe, expect, it } from 'vitest';
import { api, healthyRun, LATENCY, player, times, WATCHED } from '../../test/support/measured.js';
import { overTimeOf, reportInputOf, type Told } from '../../test/support/report-input.js';
import type { ViewerEvent } from '../events.js';
import { marksOf } from './marks.js';
import { momentsOf } from './moments.js';

function momentsIn(extra: readonly ViewerEvent[], told: Told = {}) {
  const input = reportInputOf([...healthyRun(), ...extra], told);
  return momentsOf(input, overTimeOf(input), marksOf(input.record, input.events));
}

const failedAt = (atMs: number): ViewerEvent =>
  ({ ...api(false), atMs, outcome: 'server_fault', status: 500 }) as ViewerEvent;
const stalledAt = (atMs: number): ViewerEvent =>
  player('flv', { ...WATCHED, playedMs: 0, stalledMs: 30_000 }, atMs);
const idsOf = (moment: ReturnType<typeof momentsIn>[number] | undefined) =>
  moment?.rows.map(({ row }) => row.id);

describe('momentsOf', () => {
  it('has nothing to tell of a run that passed', () => {
    expect(momentsIn([])).toEqual([]);
  });

  it('gathers what was worst together, and keeps apart what was not', () => {
    const all = momentsIn([...times(9, () => stalledAt(24_500)), ...times(90, () => failedAt(44_500))]);
    const moments = all.filter(({ when }) => when === 'moment');
    expect(moments.map(({ fromMs, toMs, phase }) => [fromMs, toMs, phase])).toEqual([
      [40_000, 50_000, 'hold'],
      [20_000, 30_000, 'hold'],
    ]);
    expect(idsOf(moments[0])).toEqual(expect.arrayContaining(['api_success', 'api_5xx_rate']));
    expect(idsOf(moments[1])).toContain('rebuffer_ratio');
    for (const { row, worst, worstValue } of moments.flatMap(({ rows }) => rows)) {
      expect({ fromMs: worst?.fromMs, value: worstValue }).toEqual({
        fromMs: row.evidence?.worst?.fromMs,
        value: row.evidence?.worst?.value,
      });
    }
  });

  it('names the viewers of the worst ten seconds of its rows', () => {
    const named = { 44000: { api_call: [7, 3] }, 12000: { api_call: [1] } };
    const [moment] = momentsIn(
      times(90, () => failedAt(44_500)),
      { named },
    );
    expect(moment?.vus).toEqual([3, 7]);
  });

  it('has the faults, errors and events of that moment, and not those of another', () => {
    const events = [
      { kind: 'api_call', atMs: 44_400, detail: 'products 500' },
      { kind: 'api_call', atMs: 44_600, detail: 'products 503' },
      { kind: 'rebuffer_ended', atMs: 10_000, detail: 'flv' },
    ];
    const stageFaults = ['http-5xx:at=40,for=8,path=/api/products', 'freeze:at=20,for=2'];
    const [moment] = momentsIn(
      times(90, () => failedAt(44_500)),
      { events, stageFaults },
    );
    expect(moment?.errors).toEqual([{ words: 'API server fault', count: 90 }]);
    expect(moment?.events).toEqual([{ ...events[0], count: 2 }]);
    expect(moment?.marks.map(({ words }) => words)).toEqual([
      'planted on the stage: http-5xx (path /api/products)',
    ]);
  });

  it('tells what began once and lasted from what happened once', () => {
    const late = times(60, (second) =>
      player('flv', { ...LATENCY, latencyMs: second < 14 ? 900 : 5000 }, second * 1000 + 500),
    ).flatMap((event) => times(40, () => event));
    const [moment] = momentsIn(late, { stageFaults: ['pause:at=13,for=1', 'freeze:at=50,for=1'] });
    expect(moment).toMatchObject({ when: 'lasting', fromMs: 14_000 });
    expect(idsOf(moment)).toEqual(['latency_p95_flv']);
    expect(moment?.marks.map(({ label }) => label)).toEqual(['pause']);
  });

  it('says how late our own machine was at that moment', () => {
    const loopMs = (atMs: number): number => (atMs > 44_000 && atMs < 45_000 ? 80 : 3);
    const [moment] = momentsIn(
      times(90, () => failedAt(44_500)),
      { loopMs },
    );
    expect(moment?.own?.loopMs).toBeGreaterThan(79);
  });

  it('has rows for which nothing was measured, last', () => {
    const input = reportInputOf([...times(90, () => failedAt(44_500))]);
    const moments = momentsOf(input, overTimeOf(input), []);
    expect(moments.at(-1)?.when).toBe('never');
    expect(moments.at(-1)?.rows.every(({ row }) => row.status === 'no_data')).toBe(true);
  });
});

describe('marksOf', () => {
  it('reads what was planted, and what befell the run', () => {
    const events = [
      { kind: 'worker_died', atMs: 5000, detail: 'out of memory' },
      { kind: 'api_call', atMs: 1, detail: '' },
    ];
    expect(marksOf({ stageFaults: ['freeze:at=20,for=2', 'flv-cut:at=3', 'no-stamps'] }, events)).toEqual([
      { fromMs: 0, label: 'no-stamps', words: 'planted on the stage: no-stamps', kind: 'fault' },
      { fromMs: 3000, label: 'flv-cut', words: 'planted on the stage: flv-cut', kind: 'fault' },
      { fromMs: 5000, label: 'a worker died', words: 'a worker died: out of memory', kind: 'own' },
      { fromMs: 20_000, toMs: 22_000, label: 'freeze', words: 'planted on the stage: freeze', kind: 'fault' },
    ]);
  });

  it('has the fault steps of a profile from their begin to their mending', () => {
    const events = [
      { kind: 'fault_started', atMs: 3000, name: 'partition', detail: 'network: partition' },
      { kind: 'fault_started', atMs: 4000, name: 'open', detail: '' },
      { kind: 'fault_ended', atMs: 5000, name: 'other', detail: '' },
      { kind: 'fault_ended', atMs: 13_000, name: 'partition', detail: '' },
      { kind: 'plan_changed', atMs: 20_000, detail: 'scaled to 80 viewers' },
      { kind: 'plan_changed', atMs: 21_000, detail: '' },
    ];
    expect(marksOf({}, events)).toEqual([
      {
        fromMs: 3000,
        toMs: 13_000,
        label: 'partition',
        words: 'fault “partition”: network: partition',
        kind: 'fault',
      },
      { fromMs: 4000, label: 'open', words: 'fault “open”', kind: 'fault' },
      { fromMs: 20_000, label: 'plan changed', words: 'plan changed: scaled to 80 viewers', kind: 'own' },
    ]);
  });

  it('has load boxes that were lost, until they were back or to the end', () => {
    const state = (name: string, atMs: number, what: string) => ({
      ...{ kind: 'box_state', name, atMs, state: what, detail: 'no sign of life for 5.3 s' },
    });
    const events = [
      ...[state('c', 4000, 'late'), state('c', 6000, 'lost'), state('b', 7000, 'lost')],
      ...[state('c', 9000, 'back'), state('c', 12_000, 'lost')],
    ];
    const lost = (name: string, span: object) => ({
      ...{ ...span, label: `box ${name} lost`, kind: 'own' },
      words: `load box ${name} was lost: no sign of life for 5.3 s`,
    });
    expect(marksOf({}, events)).toEqual([
      lost('c', { fromMs: 6000, toMs: 9000 }),
      lost('b', { fromMs: 7000 }),
      lost('c', { fromMs: 12_000 }),
    ]);
    // Why, told later by the box itself, is the reason and no second loss.
    const told = { ...state('b', 8000, 'lost'), detail: 'cut off for 15 s' };
    expect(marksOf({}, [state('b', 7000, 'lost'), told])).toEqual([
      { ...lost('b', { fromMs: 7000 }), words: 'load box b was lost: cut off for 15 s' },
    ]);
  });
});
