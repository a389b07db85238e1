import { describe, expect, test } from 'vitest';
import { liveState } from '../../test/support/live-state.js';
import { measureIn, phasesOf, session, times } from '../../test/support/measured.js';
import type { ViewerEvent } from '../events.js';
import { type LiveFault, liveFaultOf } from './live-fault.js';
import { renderLiveView } from './live-view.js';
import { formatProgress } from './progress.js';
import { widthOf } from './text-width.js';

const PHASES = phasesOf(['hold', 'hold', 20], ['cut', 'fault', 20], ['after', 'hold', 60]);
const PLACES = [{ name: 'cut', breaks: 'network', phase: 'cut' }] as const;
const MADE = { name: 'cut', begunAtMs: 20_000 };
const TOTALS = measureIn(PHASES, [
  ...times(50, () => session({ kind: 'fault_faced', fault: 'network' }, 20_000)),
  ...times(
    31,
    (i): ViewerEvent => session({ kind: 'recovered', fault: 'network', afterMs: i * 300 }, 26_000),
  ),
  ...times(2, () => session({ kind: 'not_recovered', fault: 'network', missing: 'both' }, 36_000)),
]);
const at = (nowMs: number, made: object = {}): LiveFault | undefined =>
  liveFaultOf([{ ...MADE, ...made }], PLACES, TOTALS, nowMs);

describe('the fault of now', () => {
  test('is the newest one that was made, with those who faced it and those who are back', () => {
    expect(at(23_000)).toEqual({
      ...{ name: 'cut', state: 'running', sinceMs: 3000, faced: 50, back: 31, missing: 2 },
    });
    expect(at(30_000, { endedAtMs: 25_000 })).toMatchObject({ state: 'mended', sinceMs: 5000 });
    expect(at(30_000, { failed: 'HTTP 409' })).toMatchObject({ state: 'failed' });
    const before = { name: 'first', begunAtMs: 1000, endedAtMs: 2000 };
    expect(liveFaultOf([before, MADE], PLACES, TOTALS, 23_000)?.name).toBe('cut');
  });

  test('is none before the first, when it could not be made, and when the last is old news', () => {
    expect(liveFaultOf([], PLACES, TOTALS, 1000)).toBeUndefined();
    expect(liveFaultOf([{ name: 'cut', failed: 'x' }], PLACES, TOTALS, 1000)).toBeUndefined();
    expect(at(70_000, { endedAtMs: 25_000 })).toBeDefined();
    expect(at(70_001, { endedAtMs: 25_000 })).toBeUndefined();
    expect(at(600_000)).toMatchObject({ state: 'running' });
  });
});

describe('is shown', () => {
  const shown = (fault: LiveFault | undefined): string[] =>
    renderLiveView(
      liveState(fault === undefined ? {} : { fault }),
      { columns: 80, rows: 24 },
      { color: false },
    );

  test('in a row of its own while there is one', () => {
    expect(shown(undefined).some((line) => line.startsWith('fault'))).toBe(false);
    expect(shown(at(23_000))).toContain('fault        cut for 0:03   50 faced it   2 missing');
    expect(shown(at(30_000, { endedAtMs: 25_000 }))).toContain(
      'fault        cut mended 0:05 ago   31 of 50 back   2 missing',
    );
    expect(shown(at(30_000, { failed: 'x' }))).toContain(
      'fault        cut could not be mended   50 faced it   2 missing',
    );
  });

  test('within the columns, whatever its name is', () => {
    const fault = { ...(at(30_000, { endedAtMs: 25_000 }) as LiveFault), name: 'x'.repeat(40) };
    for (const columns of [24, 40, 80]) {
      const lines = renderLiveView(liveState({ fault }), { columns, rows: 24 }, { color: true });
      expect(Math.max(...lines.map((line) => widthOf(line))), `${columns}`).toBeLessThan(columns);
    }
    expect(widthOf(formatProgress(liveState({ fault })))).toBeLessThanOrEqual(100);
  });

  test('in the line of progress', () => {
    const fault = at(30_000, { endedAtMs: 25_000 }) as LiveFault;
    expect(formatProgress(liveState({ fault }))).toBe(
      'hold 0:25/1:00, 48/50 watching, fault cut mended 0:05 ago 31 of 50 back 2 missing, 0 rebuffering',
    );
  });
});
