import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { liveState } from '../../test/support/live-state.js';
import type { LiveState } from './live-state.js';
import { renderLiveView } from './live-view.js';
import { formatProgress } from './progress.js';
import { widthOf } from './text-width.js';

const PLAIN = { color: false };
const FULL = { columns: 80, rows: 24 };

const TROUBLE = liveState({
  watching: 31,
  lost: 2,
  rebuffering: 12,
  frozen: 3,
  rebuffers: 40,
  errors: [
    { words: 'API throttled', count: 31 },
    { words: 'join lost: chat', count: 5 },
    { words: 'bad media: ts sync', count: 4 },
    { words: 'no start: http status', count: 3 },
    { words: 'viewer lost: player', count: 2 },
    { words: 'chat lost', count: 1 },
    { words: 'FLV ended: cut', count: 1 },
  ],
  generator: {
    health: 'invalid',
    why: 'our own event loop held up 2.4 % of the viewer-time, 1 % is the limit',
    loopMs: 72,
    cpuMsPerViewerSecond: 4.2,
    rssBytes: 1_234_000_000,
    laggedPct: 2.44,
  },
});

const UNKNOWN = liveState({
  phase: 'ramp',
  elapsedMs: 400,
  wanted: 2,
  ...{ joined: 0, watching: 0, chatMs: undefined },
  firstFrameMs: { flv: undefined, hls: undefined },
  delayMs: { flv: undefined, hls: undefined },
  clockUncertaintyMs: undefined,
  generator: {
    health: 'ok',
    ...{ loopMs: undefined, cpuMsPerViewerSecond: undefined, rssBytes: undefined, laggedPct: undefined },
  },
});

describe('the view', () => {
  test('of a run that goes well', () => {
    expect(renderLiveView(liveState(), FULL, PLAIN)).toEqual([
      'smoke hold  0:25 of 1:00, 0:35 left  ━━━━━━━━━━━━━━━━━───────────────────────',
      'viewers      50 wanted   50 joined   48 watching   0 lost',
      'first frame  p95   FLV 312 ms   HLS 1.2 s',
      'now          0 rebuffering   0 frozen   0 rebuffers so far',
      'delay        p95   FLV 1.2 s   HLS 4.1 s   ±0.4 ms   last 10 s',
      'chat         p95 12 ms   last 10 s',
      'errors       none',
      'generator    ok   loop 3 ms   CPU 1.9 ms/viewer-s   RSS 345 MB   lagged 0.0 %',
      'runs/20261122T090605Z-smoke-a1b2c3',
    ]);
  });

  test('of a run in trouble', () => {
    expect(renderLiveView(TROUBLE, FULL, PLAIN)).toEqual([
      'smoke hold  0:25 of 1:00, 0:35 left  ━━━━━━━━━━━━━━━━━───────────────────────',
      'viewers      50 wanted   50 joined   31 watching   2 lost',
      'first frame  p95   FLV 312 ms   HLS 1.2 s',
      'now          12 rebuffering   3 frozen   40 rebuffers so far',
      'delay        p95   FLV 1.2 s   HLS 4.1 s   ±0.4 ms   last 10 s',
      'chat         p95 12 ms   last 10 s',
      'errors       API throttled 31   join lost: chat 5   bad media: ts sync 4',
      '             no start: http status 3   viewer lost: player 2   2 more kinds',
      'generator    invalid   loop 72 ms   CPU 4.2 ms/viewer-s   RSS 1.2 GB',
      '             lagged 2.4 %',
      '             so far: our own event loop held up 2.4 % of the viewer-time, 1 %',
      '             is the limit',
      'runs/20261122T090605Z-smoke-a1b2c3',
    ]);
  });

  test('of a run that watches the platform names its alerts, critical ones first, and what is not known any more', () => {
    const alert = (severity: 'warning' | 'critical', words: string) => ({
      ...{ id: 'nginx-5xx' as const, name: '', severity, words, raisedAtMs: 10_000 },
    });
    const rows = (...alerts: readonly ReturnType<typeof alert>[]): string[] =>
      renderLiveView(liveState({ alerts }), FULL, PLAIN).filter((_, at) => at === 2 || at === 3);
    expect(rows()[0]).toBe('alerts       none of the platform');
    const cpu = alert('critical', 'docker.web: CPU 81 % (> 75 % for 60 s)');
    const silent = { ...alert('warning', 'p95 of the response time 1.2 s'), unknownSinceMs: 125_000 };
    expect(rows(silent, alert('warning', 'other'), cpu)).toEqual([
      'alerts       critical: docker.web: CPU 81 % (> 75 % for 60 s)',
      '             p95 of the response time 1.2 s, unknown since 2:05   and 1 more',
    ]);
    expect(formatProgress(liveState({ alerts: [cpu] }))).toContain('err 0, 1 alerts, ok');
    expect(formatProgress(liveState({ alerts: [] }))).not.toContain('alerts');
  });

  test('of a run over boxes says how many are there, and names those of which nobody hears', () => {
    const box = { host: 'h', cores: 2, vus: 4, wasLost: false };
    const rowOf = (changes: Partial<LiveState>): string[] =>
      renderLiveView(liveState(changes), { columns: 100, rows: 24 }, PLAIN).filter((line) =>
        line.startsWith('boxes'),
      );
    const here = ['a', 'b'].map((id) => ({ ...box, id, state: 'here' as const }));
    expect(rowOf({})).toEqual([]);
    expect(rowOf({ boxes: [...here, { ...box, id: 'c', state: 'over' }] })).toEqual(['boxes        3 of 3']);
    const late = { ...box, id: 'c', state: 'late' as const, sinceMs: 31_000 };
    expect(rowOf({ boxes: [...here, late] })).toEqual(['boxes        3 of 3   c late since 0:31']);
    const lost = { ...late, id: 'd', state: 'lost' as const, why: 'no sign of life for 5.2 s' };
    expect(rowOf({ boxes: [...here, late, lost] })).toEqual([
      'boxes        3 of 4   d lost since 0:31: no sign of life for 5.2 s   c late since 0:31',
    ]);
    const many = Array.from({ length: 9 }, (_, i) => ({ ...late, id: `x${i}` }));
    expect(rowOf({ boxes: many })[0]).toMatch(/^boxes {8}9 of 9 {3}x0 late .* x2 late since 0:31/);
    const text = renderLiveView(liveState({ boxes: many }), FULL, PLAIN).join('\n');
    expect(text).toContain('5 more');
    expect(text).toContain('RSS 345 MB at most');
    expect(text).not.toContain('x4');
  });

  test('before anything is measured shows dashes, never zeros or NaN', () => {
    const text = renderLiveView(UNKNOWN, FULL, PLAIN).join('\n');
    expect(text).toContain('first frame  p95   FLV -   HLS -');
    expect(text).toContain('ok   loop -   CPU - ms/viewer-s   RSS -   lagged - %');
    expect(text).not.toMatch(/NaN|undefined|Infinity/);
  });

  test('on a small terminal keeps what matters most', () => {
    expect(renderLiveView(liveState(), { columns: 40, rows: 15 }, PLAIN)).toEqual([
      'smoke hold  0:25 of 1:00, 0:35 left',
      'viewers     50 wanted  50 joined',
      '            48 watching  0 lost',
      'first frame p95  FLV 312 ms  HLS 1.2 s',
      'now         0 rebuffering  0 frozen',
      '            0 rebuffers so far',
      'delay       p95  FLV 1.2 s  HLS 4.1 s',
      '            ±0.4 ms  last 10 s',
      'chat        p95 12 ms  last 10 s',
      'errors      none',
      'generator   ok  loop 3 ms',
      '            CPU 1.9 ms/viewer-s',
      '            RSS 345 MB  lagged 0.0 %',
      'runs/20261122T090605Z-smoke-a1b2c3',
    ]);
    expect(
      renderLiveView(liveState(), { columns: 80, rows: 4 }, PLAIN).map((line) => line.slice(0, 7)),
    ).toEqual(['smoke h', 'viewers', 'now    ']);
  });

  test('after a signal says that everyone is leaving, and how to stop at once', () => {
    const [head, note] = renderLiveView(liveState({ leaving: 'SIGINT' }), FULL, PLAIN);
    expect(head).toMatch(/^smoke leaving {2}0:25 of 1:00/);
    expect(note).toBe('SIGINT: viewers are leaving; a second Ctrl-C stops at once');
  });

  test.each([
    [{ phase: '', elapsedMs: 0 }, /^smoke starting/],
    [{ phase: '', elapsedMs: 61_000 }, /^smoke ending {2}1:01 of 1:00, 0:00 left/],
  ])('outside of the plan says so: %j', (changes, head) => {
    expect(renderLiveView(liveState(changes), FULL, PLAIN)[0]).toMatch(head);
  });

  test('says nothing by colour alone', () => {
    for (const state of [liveState(), TROUBLE, UNKNOWN]) {
      const colored = renderLiveView(state, FULL, { color: true }).join('\n');
      expect(colored).toContain('\u001b[');
      // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is taken out
      expect(colored.replace(/\u001b\[\d+m/g, '')).toBe(renderLiveView(state, FULL, PLAIN).join('\n'));
      expect(renderLiveView(state, FULL, PLAIN).join()).not.toContain('\u001b');
    }
  });

  test('always leaves a column and a row free, whatever is in it', () => {
    const words = fc.oneof(
      fc.string({ unit: 'grapheme', maxLength: 60 }),
      fc.constantFrom('日本語'.repeat(20), 'a\u001b[2Jb\nc', 'x'.repeat(200)),
    );
    const count = fc.oneof(fc.nat(), fc.constantFrom(1e15, 0));
    fc.assert(
      fc.property(
        fc.record({
          columns: fc.integer({ min: 40, max: 200 }),
          rows: fc.integer({ min: 4, max: 60 }),
          color: fc.boolean(),
        }),
        fc.record({
          profile: words,
          folder: words,
          phase: words,
          watching: count,
          rebuffers: count,
          lost: count,
        }),
        fc.array(fc.record({ words, count }), { maxLength: 9 }),
        ({ columns, rows, color }, changes, errors) => {
          const lines = renderLiveView(liveState({ ...changes, errors }), { columns, rows }, { color });
          expect(lines.length).toBeLessThan(rows);
          for (const line of lines) expect(widthOf(line)).toBeLessThan(columns);
          // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be there
          expect(lines.join('').replace(/\u001b\[\d+m/g, '')).not.toMatch(/[\u0000-\u001f]/);
        },
      ),
    );
  });
});
