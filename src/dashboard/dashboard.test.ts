import { describe, expect, it, test } from 'vitest';
import { glance, systemLine } from '../../test/support/dashboard-glance.js';
import { FIELDS } from '../collect/fields.js';
import type { LiveBox } from '../report/live-state.js';
import { AlertList, MAX_ALERTS } from './alert-log.js';
import { Dashboard } from './dashboard.js';
import { GateSoFar } from './gate-so-far.js';
import { platformPaths } from './panels.js';
import type { DashboardState, Figure } from './state.js';
import { Tones } from './tones.js';

const fresh = (): Dashboard => new Dashboard({ nowMs: () => 0 });
const figure = (state: DashboardState, id: string): Figure | undefined =>
  state.panels
    .flatMap(({ groups }) => groups.flatMap(({ figures }) => figures))
    .find((each) => each.id === id);

describe('what the page shows', () => {
  it('is what the looks said', () => {
    const { state } = fresh().look(glance({ live: { watching: 47, lost: 2, rebuffering: 3 } }));
    expect(figure(state, 'watching')).toMatchObject({ value: 47, unit: 'count' });
    expect(figure(state, 'lost')).toMatchObject({ value: 2, tone: 'bad' });
    expect(figure(state, 'rebuffering')).toMatchObject({ value: 3, tone: 'warn' });
    expect(['root', 'chat_open', 'streaming_open'].map((id) => figure(state, id)?.value)).toEqual([
      50, 42, 48,
    ]);
    expect(state).toMatchObject({
      phase: 'hold',
      atMs: 25_000,
      totalMs: 60_000,
      status: { kind: 'running' },
    });
  });

  it('has no zero for what is not known, but a reason', () => {
    const { state } = fresh().look(glance({ live: { delayMs: { flv: undefined, hls: 4100 } } }));
    expect(figure(state, 'delay_flv')).toEqual({
      id: 'delay_flv',
      label: 'delay FLV p95, 10 s',
      unit: 'ms',
      value: null,
      why: 'nothing measured yet',
    });
  });

  it('says what to do to have the panels of the platform, without a collector', () => {
    const { state } = fresh().look(glance());
    expect(state.containers).toMatchObject({ list: [], note: expect.stringContaining('--collect') });
    for (const id of ['streaming', 'api', 'sockets'] as const) {
      const platform = state.panels.find((panel) => panel.id === id)?.groups.at(-1);
      expect(platform).toEqual({
        title: 'The platform says',
        figures: [],
        note: expect.stringContaining('--collect FILE'),
      });
    }
    expect(state.alerts.note).toContain('--collect');
  });

  it('shows the line of the platform: containers, values, gaps, and why a value is absent', () => {
    const dashboard = fresh();
    dashboard.takeLine(systemLine(), 24_000);
    const { state } = dashboard.look(glance());
    expect(state.containers.list).toEqual([
      { name: 'backend', cpuPct: 81.5, memPct: 9.4, memMb: 384, pids: 25 },
      { name: 'srs', cpuPct: 45.2, memPct: 25, memMb: 1024, pids: 12 },
    ]);
    expect(figure(state, 'srs.recv_kbps')?.value).toBe(2650);
    expect(figure(state, 'srs.dropped_frame_lines')).toMatchObject({
      value: null,
      why: 'the level of the log hides them',
    });
    expect(figure(state, 'backend.health_ms')).toMatchObject({
      value: null,
      why: 'the connection is refused',
    });
    expect(state.gaps).toEqual([{ source: 'backend.health', why: 'the connection is refused' }]);
    expect(figure(state, 'postgres.deadlocks')).toBeUndefined();
    expect(state.alerts.note).toBeUndefined();
  });

  it('shows no old line as of now, but the last one of a run that ended', () => {
    const dashboard = fresh();
    dashboard.takeLine(systemLine(), 10_000);
    const at = (elapsedMs: number, kind: 'running' | 'ended') =>
      dashboard.look(glance({ live: { elapsedMs }, status: { kind, words: '' } })).state;
    expect(at(22_000, 'running').containers.list).toHaveLength(2);
    expect(at(23_000, 'running').containers).toMatchObject({
      list: [],
      note: 'Nothing new from the collector for 13 s.',
    });
    expect(at(60_000, 'ended').containers.list).toHaveLength(2);
  });

  it('keeps what was said before a last line that came a moment later, and has no rates', () => {
    const dashboard = fresh();
    dashboard.takeLine(systemLine(), 24_000);
    dashboard.takeLine({ ...systemLine({ docker: { srs: { mem_mb: 1 } } }), interval_ms: 120 }, 24_120);
    expect(dashboard.look(glance()).state.containers.list).toHaveLength(2);
    dashboard.takeLine({ ...systemLine({ docker: { srs: { mem_mb: 1 } } }), interval_ms: 900 }, 25_000);
    expect(dashboard.look(glance()).state.containers.list.map(({ memMb }) => memMb)).toContain(1);
  });

  it('draws the same values as curves', () => {
    const dashboard = fresh();
    dashboard.takeLine(systemLine(), 24_000);
    const { point } = dashboard.look(glance());
    expect(point?.values).toMatchObject({
      watching: 48,
      wanted: 50,
      'cpu:srs': 45.2,
      'mem:backend': 9.4,
      nginx: 612,
      srs: 487,
    });
    expect(dashboard.snapshot()?.trends.values['cpu:srs']).toEqual([45.2]);
  });

  it('takes names of containers as text whatever they are', () => {
    const dashboard = fresh();
    dashboard.takeLine(
      systemLine({ process: { __proto__x: { cpu_pct: 1 }, constructor: { cpu_pct: 2 } } }),
      24_000,
    );
    const { list } = dashboard.look(glance()).state.containers;
    expect(list.map(({ name, cpuPct }) => [name, cpuPct])).toEqual([
      ['__proto__x', 1],
      ['constructor', 2],
    ]);
  });
});

test('every field of the platform that is shown is one that the collector has', () => {
  const known = Object.entries(FIELDS).flatMap(([section, fields]) =>
    Object.keys(fields).map((field) => `${section}.${field}`),
  );
  expect(platformPaths().filter((path) => !known.includes(path))).toEqual([]);
  expect(platformPaths().length).toBeGreaterThan(20);
});

describe('the gate so far', () => {
  it('is judged every five seconds, and once more at the end', () => {
    const gate = new GateSoFar(() => 0);
    const asked: number[] = [];
    const at = (atMs: number, isLast = false): void => {
      gate.at(
        atMs,
        () => {
          asked.push(atMs);
          return [];
        },
        isLast,
      );
    };
    for (let second = 0; second <= 12; second++) at(second * 1000);
    at(13_000, true);
    expect(asked).toEqual([0, 5000, 10_000, 13_000]);
  });

  it('is judged more seldom where it takes long', () => {
    let clockMs = 0;
    const gate = new GateSoFar(() => clockMs);
    const asked: number[] = [];
    for (let second = 0; second <= 60; second++)
      gate.at(second * 1000, () => {
        asked.push(second);
        clockMs += 500;
        return [];
      });
    expect(asked).toEqual([0, 25, 50]);
  });

  it('has failing rows first, and none that are not judged', () => {
    const { rows, counts } = fresh().look(glance()).state.gate;
    expect(rows.length).toBeGreaterThan(10);
    expect(counts.pass).toBeGreaterThan(5);
    expect(rows.map(({ status }) => status)).toEqual(
      [...rows].sort((a, b) => RANK[a.status] - RANK[b.status]).map(({ status }) => status),
    );
    expect(rows.some(({ status }) => status === 'not_judged')).toBe(false);
  });
});

const RANK = { fail: 0, no_data: 1, pass: 2, not_judged: 3 } as const;

describe('the list of alerts', () => {
  it('has those that hold first, then the newest', () => {
    const list = new AlertList();
    list.put({ id: 'cpu', words: 'CPU', raisedAtMs: 1000 });
    list.put({ id: 'mem', words: 'memory', raisedAtMs: 2000 });
    list.put({ id: 'cpu', words: 'CPU', raisedAtMs: 1000, clearedAtMs: 3000 });
    const { list: shown, active } = list.state(true);
    expect(shown.map(({ id, clearedAtMs }) => [id, clearedAtMs])).toEqual([
      ['mem', undefined],
      ['cpu', 3000],
    ]);
    expect(active).toBe(1);
    list.put({ id: 'lag', words: 'lag', raisedAtMs: 4000, clearedAtMs: 5000 });
    expect(list.state(true).list.map(({ id }) => id)).toEqual(['mem', 'lag', 'cpu']);
  });

  it('is bounded, and what still holds outlives what is over', () => {
    const list = new AlertList();
    list.put({ id: 'first', words: 'still there', raisedAtMs: 0 });
    for (let at = 1; at <= 500; at++)
      list.put({ id: `a${at}`, words: 'over', raisedAtMs: at, clearedAtMs: at + 1 });
    const { list: shown } = list.state(true);
    expect(shown).toHaveLength(MAX_ALERTS);
    expect(shown[0]?.id).toBe('first');
  });
});

describe('colours of what the platform says', () => {
  const toneAfter = (changes: Parameters<typeof systemLine>[0], id: string, dashboard = fresh()) => {
    dashboard.takeLine(systemLine(changes), 24_000);
    return figure(dashboard.look(glance()).state, id)?.tone;
  };

  it('are those of its alerts: critical is bad, a warning warns, and what is well has none', () => {
    expect(toneAfter({ redis: { used_memory_mb: 201 } }, 'redis.used_memory_mb')).toBe('bad');
    expect(toneAfter({ redis: { used_memory_mb: 200 } }, 'redis.used_memory_mb')).toBeUndefined();
    expect(toneAfter({ redis: { connected_clients: 201 } }, 'redis.connected_clients')).toBe('warn');
    expect(toneAfter({ postgres: { cache_hit_pct: 94.9 } }, 'postgres.cache_hit_pct')).toBe('warn');
    // A share of all answers, and what is wrong in any number.
    expect(toneAfter({ nginx: { error_5xx: 1, requests: 1000 } }, 'nginx.error_5xx')).toBeUndefined();
    expect(toneAfter({ nginx: { error_5xx: 20, requests: 1000 } }, 'nginx.error_5xx')).toBe('bad');
    const one = { error_5xx: 1, requests: 1000, error_502: 1, media_502: 0, socket_502: 0 };
    expect(toneAfter({ nginx: one }, 'nginx.error_5xx')).toBe('bad');
  });

  it('go by the bounds that the file of sources gives, and there are none where an alert is off', () => {
    const tones = new Tones({
      'redis-memory': { bound: 300 },
      'redis-clients': false,
      'container-cpu': false,
    });
    const own = (): Dashboard => new Dashboard({ nowMs: () => 0, tones });
    expect(toneAfter({ redis: { used_memory_mb: 250 } }, 'redis.used_memory_mb', own())).toBeUndefined();
    expect(toneAfter({ redis: { used_memory_mb: 301 } }, 'redis.used_memory_mb', own())).toBe('bad');
    expect(
      toneAfter({ redis: { connected_clients: 900 } }, 'redis.connected_clients', own()),
    ).toBeUndefined();
    const dashboard = own();
    const { cpuLimitPct, memLimitPct } = dashboard.look(glance()).state.containers;
    expect([cpuLimitPct, memLimitPct]).toEqual([null, 80]);
  });
});

test('our own machine stands beside the generator when it is asked, and nothing is said of it when it is not', () => {
  const groups = (dashboard: Dashboard) =>
    dashboard
      .look(glance())
      .state.panels.find(({ id }) => id === 'generator')
      ?.groups.map(({ title }) => title);
  expect(groups(fresh())).toEqual(['The generator']);
  const dashboard = fresh();
  dashboard.takeLine(systemLine({ generator: { cpu_pct: 41 } }), 24_000);
  expect(groups(dashboard)).toEqual(['The generator', 'Its machine says']);
  // Over load boxes who asks is the coordinator, and makes no load.
  const boxes = [
    { id: 'a', host: 'h', cores: 2, vus: 4, state: 'here' as const, wasLost: false },
  ] satisfies LiveBox[];
  const [own, machine] =
    dashboard
      .look({ ...glance(), live: { ...glance().live, boxes } })
      .state.panels.find(({ id }) => id === 'generator')?.groups ?? [];
  expect(machine?.title).toBe("The coordinator's machine says");
  expect(own?.figures.find(({ id }) => id === 'rss')?.label).toBe('memory, largest box');
});
