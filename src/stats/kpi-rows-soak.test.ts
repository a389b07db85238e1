import { describe, expect, test } from 'vitest';
import {
  api,
  LATENCY,
  measureIn,
  phasesOf,
  player,
  rowIn,
  times,
  WATCHED,
} from '../../test/support/measured.js';
import { createRng } from '../rng.js';
import type { Recorder } from './recorder.js';

const PHASES = phasesOf(['ramp', 'ramp', 60], ['hold', 'hold', 3600], ['drain', 'drain', 60]);
const changes = { phases: PHASES };

/** An hour, each 10 s of which is what `each` reports. */
function hour(each: (recorder: Recorder, atMs: number) => void) {
  return measureIn(PHASES, [], each);
}
const on = (recorder: Recorder, event: Parameters<Recorder['on']>[0]['event']): void =>
  recorder.on({ vuId: 0, joinProtocol: 'hls', event });

describe('rebuffer_sustained', () => {
  /** 100 viewers; `count(atMs)` rebuffers in each 10 s. */
  const watched = (count: (atMs: number) => number) =>
    hour((recorder, atMs) => {
      on(recorder, player('hls', { ...WATCHED, playedMs: 1_000_000 } as never, atMs));
      for (let i = 0; i < count(atMs); i++) {
        on(recorder, player('hls', { kind: 'rebuffer_started', startedAtMs: atMs }, atMs));
      }
    });

  test('passes when no five minutes were bad', () => {
    expect(
      rowIn(
        'rebuffer_sustained',
        watched(() => 9),
        changes,
      ),
    ).toMatchObject({ status: 'pass' });
  });

  test('fails when five minutes were, though the hour as a whole was not', () => {
    const row = rowIn(
      'rebuffer_sustained',
      watched((atMs) => (atMs >= 1_500_000 && atMs < 2_100_000 ? 12 : 0)),
      changes,
    );
    expect(row.status).toBe('fail');
    expect(row.value).toBeCloseTo(1.2, 6);
  });

  test('one bad moment is no bad five minutes', () => {
    const row = rowIn(
      'rebuffer_sustained',
      watched((atMs) => (atMs === 1_499_999 ? 250 : 0)),
      changes,
    );
    expect(row.status).toBe('pass');
  });

  test('has no data when nobody watched, and is not judged when it is short', () => {
    expect(
      rowIn(
        'rebuffer_sustained',
        hour(() => {}),
        changes,
      ).status,
    ).toBe('no_data');
    const short = phasesOf(['hold', 'hold', 60]);
    expect(rowIn('rebuffer_sustained', measureIn(short, []), { phases: short }).status).toBe('not_judged');
  });
});

describe.each([
  ['api_read_growth', (ms: number, atMs: number) => ({ ...api(false, ms), atMs })],
  ['latency_growth_flv', (ms: number, atMs: number) => player('flv', { ...LATENCY, latencyMs: ms }, atMs)],
  ['latency_growth_hls', (ms: number, atMs: number) => player('hls', { ...LATENCY, latencyMs: ms }, atMs)],
] as const)('%s', (id, event) => {
  const rng = createRng(1, id);
  const grown = (ms: (atMs: number) => number) =>
    hour((recorder, atMs) => {
      for (const _ of times(20, (i) => i))
        on(recorder, event(ms(atMs) * (0.98 + 0.04 * rng.next()), atMs) as never);
    });

  test('passes when it is flat', () => {
    expect(
      rowIn(
        id,
        grown(() => 1000),
        changes,
      ),
    ).toMatchObject({ status: 'pass', mandatory: false });
  });

  test('passes when a burst in the middle came and went', () => {
    const burst = (atMs: number): number => (atMs > 1_700_000 && atMs < 1_900_000 ? 5000 : 1000);
    expect(rowIn(id, grown(burst), changes).status).toBe('pass');
  });

  test('fails when it grows by more than a tenth', () => {
    const row = rowIn(
      id,
      grown((atMs) => 1000 + atMs / 20_000),
      changes,
    );
    expect(row.status).toBe('fail');
    expect(row.value).toBeGreaterThan(10);
  });

  test('cannot be told when it jumps about too much', () => {
    const row = rowIn(
      id,
      grown((atMs) => 100 + 1800 * createRng(7, String(atMs)).next()),
      changes,
    );
    expect(row.status).toBe('no_data');
    expect(row.reason).toMatch(/^cannot be told from its bound/);
  });

  test('has no data without samples, and is not judged when it is short or scaled', () => {
    expect(
      rowIn(
        id,
        hour(() => {}),
        changes,
      ).status,
    ).toBe('no_data');
    const planned = { vus: 50, byProtocol: { hls: 35, flv: 15 }, users: 50, writes: true, timeScale: 0.5 };
    expect(
      rowIn(
        id,
        grown(() => 1000),
        { ...changes, planned },
      ).reason,
    ).toContain('scaled by 0.5');
    const short = phasesOf(['hold', 'hold', 60]);
    expect(rowIn(id, measureIn(short, []), { phases: short }).status).toBe('not_judged');
  });
});
