import { describe, expect, test } from 'vitest';
import { api, healthyRun, player, session, times } from '../../test/support/measured.js';
import { summaryOf } from '../../test/support/summaries.js';
import { KPI_IDS, KPIS } from '../stats/kpis.js';
import { formatSummary, formatVerdictLine } from './terminal.js';

const slow = times(20, () => api(false, 900));
const RUNS = {
  pass: summaryOf(healthyRun()),
  fail: summaryOf([
    ...healthyRun(),
    ...times(400, () => api(false, 900)),
    session({ kind: 'vu_lost', reason: 'socket' }),
    player('flv', { kind: 'start_failed', reason: 'not_a_playlist' }),
  ]),
  invalid: summaryOf([...healthyRun(), player('flv', { kind: 'first_byte', sinceStartMs: Number.NaN })]),
  noData: summaryOf([], { facts: { workersPlanned: 1, workersDied: 0, completed: false } }),
  guests: summaryOf(healthyRun(), {
    planned: { vus: 50, byProtocol: { hls: 35, flv: 15 }, users: 0, writes: false },
    rows: KPI_IDS.slice(0, 20),
  }),
};

describe.each(Object.entries(RUNS))('the text of %s', (_, summary) => {
  test('is at most 80 columns wide and has no empty end of a line', () => {
    const lines = formatSummary(summary, { color: false }).split('\n');
    expect(lines.filter((line) => [...line].length > 80)).toEqual([]);
    expect(lines.filter((line) => line !== line.trimEnd())).toEqual([]);
  });

  test('without colour has no escape, with colour says the same', () => {
    const plain = formatSummary(summary, { color: false });
    const colored = formatSummary(summary, { color: true });
    expect(plain).not.toContain('\u001b');
    expect(colored).toContain('\u001b[');
    expect(
      colored
        .split('\u001b')
        .map((part, i) => (i === 0 ? part : part.replace(/^\[\d+m/, '')))
        .join(''),
    ).toBe(plain);
  });

  test('shows no NaN, undefined or null', () => {
    expect(formatSummary(summary, { color: false })).not.toMatch(/NaN|undefined|null|Infinity/);
    expect(formatVerdictLine(summary)).not.toMatch(/NaN|undefined|null|\n/);
  });
});

describe('the end of a run', () => {
  test('begins with the verdict, the gate level and the profile', () => {
    const first = (name: keyof typeof RUNS) => formatSummary(RUNS[name], { color: false }).split('\n')[0];
    expect(first('pass')).toBe('PASS (viewer, smoke)');
    expect(first('fail')).toBe('FAIL (viewer, smoke)');
    expect(first('invalid')).toBe('INVALID (viewer, smoke)');
    expect(first('noData')).toBe('NO DATA (viewer, smoke)');
  });

  test('shows each judged row with its mark, value and bound, and gathers the others by reason', () => {
    const text = formatSummary(RUNS.fail, { color: false });
    expect(text).toMatch(/^ ✓ First frame HLS, p95 +300 ms +<= 6000 ms +35$/m);
    expect(text).toMatch(/^ ✗ Viewers lost +1 viewers +<= 0 viewers +50$/m);
    expect(text).toMatch(/^ {5}socket 1, disconnects 0$/m);
    expect(formatSummary(RUNS.noData, { color: false })).toMatch(/^ \? Rebuffer ratio +- +< 0.5 % +0$/m);
    expect(formatSummary(RUNS.guests, { color: false })).toMatch(/^ – not judged, no viewer had an account/m);
  });

  test('shows what was watched, said and called, and what it cost', () => {
    const text = formatSummary(RUNS.pass, { color: false });
    expect(text).toContain('650 MB, 1400 segments, 43800 FLV tags');
    expect(text).toContain('watched 33:20 in sum, 0 rebuffers');
    expect(text).toContain('chat 50 sent, 2450 of 2450 arrived at others');
    expect(text).toContain('350 calls, 0 failed');
    expect(text).toContain('50 of 50 viewers joined, 40 at once, 0 lost; 1:00');
    expect(text).toContain('2 ms CPU per viewer-second, loop delay p99 3 ms, 345 MB');
  });
});

describe('the verdict in one sentence', () => {
  test('names the first cause and how many more there are', () => {
    expect(formatVerdictLine(RUNS.pass)).toBe('PASS (viewer, smoke): all 28 mandatory rows passed');
    const [first, second, ...rest] = KPI_IDS.filter((id) => KPIS[id].mandatory);
    expect(first !== undefined && second !== undefined).toBe(true);
    expect(formatVerdictLine(summaryOf(healthyRun(), { rows: rest }))).toBe(
      'PASS (viewer, smoke): all 26 mandatory rows passed, 2 not judged',
    );
    expect(formatVerdictLine(RUNS.fail)).toBe(
      'FAIL (viewer, smoke): Viewers lost is 1 viewers, wanted <= 0 viewers; and 1 more',
    );
    expect(formatVerdictLine(RUNS.invalid)).toBe(
      'INVALID (viewer, smoke): 1 samples were no usable numbers: first_byte_ms',
    );
    expect(formatVerdictLine(RUNS.noData)).toMatch(
      /^NO DATA \(viewer, smoke\): First frame HTTP-FLV, p95: 0 first frames, 14 needed; and \d+ more$/,
    );
    expect(formatVerdictLine(summaryOf([...healthyRun(), ...slow], { rows: [] }))).toBe(
      'NO DATA (viewer, smoke): no row was judged',
    );
  });
});
