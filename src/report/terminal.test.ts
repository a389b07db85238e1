import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { api, FILLED, healthyRun, player, session, times } from '../../test/support/measured.js';
import { summaryOf } from '../../test/support/summaries.js';
import { threeBoxes, twoOfThreeBoxes } from '../../test/support/three-boxes.js';
import { KPIS } from '../stats/kpis.js';
import { formatSummary } from './terminal.js';
import { widthOf } from './text-width.js';
import { formatVerdictLine } from './verdict-line.js';

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
    rows: FILLED.slice(0, 20),
  }),
};

test('a run over boxes tells their workers with them, and of its coordinator where that was', () => {
  const one = formatSummary(RUNS.pass, { color: false });
  expect(one).not.toContain('coordinator');
  const text = formatSummary({ ...RUNS.pass, boxes: threeBoxes() }, { color: false });
  expect(text).toMatch(/machine {6}coordinator on \S+, Node\.js v\S+\n/);
  expect(text.replace(/\s+/g, ' ')).toMatch(
    /boxes 3 of 3: a 4 viewers, b 4 viewers, c 4 viewers; \d+ workers? in all/,
  );
  expect(text.replace(/\s+/g, ' ')).toContain('resident in the largest box');
});

test('where a box was lost, no share of chat messages is told that nobody can know', () => {
  const chatOf = (boxes: ReturnType<typeof threeBoxes>) =>
    formatSummary({ ...RUNS.pass, boxes }, { color: false }).replace(/\s+/g, ' ');
  expect(chatOf(threeBoxes())).toContain('50 sent, 2450 of 2450 arrived at others, p95');
  expect(chatOf(twoOfThreeBoxes())).toContain(
    '50 sent, 2450 arrived at others (of how many is not known), p95',
  );
  const reason = 'box a did not hear of box b: what messages were to reach is not known';
  const kpis = RUNS.pass.kpis.map((row) =>
    row.id === 'chat_delivery_ratio' ? { ...row, status: 'not_judged' as const, reason } : row,
  );
  expect(formatSummary({ ...RUNS.pass, kpis }, { color: false })).toContain('2450 arrived at others (of');
});

describe.each(Object.entries(RUNS))('the text of %s', (_, summary) => {
  test('is at most 80 columns wide and has no empty end of a line', () => {
    const lines = formatSummary(summary, { color: false }).split('\n');
    expect(lines.filter((line) => widthOf(line) > 80)).toEqual([]);
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
    expect(text).toContain('33:20 in sum, 0 rebuffers');
    expect(text).toContain('50 sent, 2450 of 2450 arrived at others, p95 17 ms');
    expect(text).toContain('350 calls, 0 failed');
    expect(text).toContain('50 of 50 viewers joined, 40 at once, 0 lost');
    expect(text).toContain('1:00 measured of 1:00 planned, seed 1');
    expect(text).toContain('2 ms CPU per viewer-second, 345 MB resident');
    expect(text).toContain('loop delay p99 3 ms, lagged 0 %, 0 late actions');
  });

  test('has the sections in their order', () => {
    const titles = formatSummary(RUNS.pass, { color: false }).match(/^[a-zA-Z]+/gm);
    expect(titles).toEqual(['PASS', 'gate', 'media', 'sockets', 'API', 'execution', 'generator']);
  });

  test('names errors by kind, most frequent first, in the section they belong to', () => {
    const text = formatSummary(RUNS.fail, { color: false });
    expect(text).toMatch(/^ {11}errors +no start: not a playlist 1$/m);
    expect(text).toMatch(/^ {11}errors +viewer lost: socket 1$/m);
    expect(formatSummary(RUNS.pass, { color: false })).not.toContain('errors');
  });
});

describe('the rows of the gate', () => {
  const rows = (text: string) => text.split('\n').filter((line) => /^ [✓✗?] /.test(line));

  test('stand mandatory first, and what is no pass before what is', () => {
    const slowChat = healthyRun().map((event) =>
      event.kind === 'chat_delivered' ? { ...event, sinceDueMs: 900 } : event,
    );
    const summary = summaryOf([...slowChat, session({ kind: 'vu_lost', reason: 'socket' })]);
    const marks = rows(formatSummary(summary, { color: false })).map(
      (line) => `${line[1]}${/ \* /.test(line) ? '*' : ''}`,
    );
    expect(marks[0]).toBe('✗');
    expect(marks.at(-1)).toBe('✗*');
    expect(marks.slice(1, -1).every((mark) => mark === '✓')).toBe(true);
  });

  test('that are no pass name the command that explains them', () => {
    const place = { folder: 'runs/20261122T090605Z-smoke-a1b2c3', tool: 'npx dorami-load' };
    const text = formatSummary(RUNS.fail, { color: false, place });
    expect(text).toContain(
      `     → npx dorami-load judge runs/20261122T090605Z-smoke-a1b2c3 \\\n         --explain viewers_lost`,
    );
    expect(text.match(/--explain/g)).toHaveLength(2);
    expect(formatSummary(RUNS.invalid, { color: false, place })).toContain('--explain validity');
    expect(formatSummary(RUNS.fail, { color: false })).not.toContain('--explain');
  });
});

describe('the verdict in one sentence', () => {
  test('names the first cause and how many more there are', () => {
    expect(formatVerdictLine(RUNS.pass)).toMatch(
      /^PASS \(viewer, smoke\): all 29 judged mandatory rows passed; \d+ of \d+ rows not judged$/,
    );
    const [first, second, ...rest] = FILLED.filter((id) => KPIS[id].mandatory);
    expect(first !== undefined && second !== undefined).toBe(true);
    expect(formatVerdictLine(summaryOf(healthyRun(), { rows: rest }))).toMatch(
      /^PASS \(viewer, smoke\): all 27 judged mandatory rows passed; \d+ of \d+ rows not judged$/,
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

describe('whatever a run was like', () => {
  const words = fc.oneof(
    fc.string({ unit: 'grapheme', maxLength: 120 }),
    fc.constantFrom('x'.repeat(300), '日本語の'.repeat(40), 'a\u001b[2Jb\nc', ''),
  );
  const size = fc.oneof(
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.constantFrom(0, 1e21, 123456789.123, Number.MAX_SAFE_INTEGER, 0.000_001_234),
  );
  const row = RUNS.fail.kpis[0] as (typeof RUNS.fail.kpis)[number];
  const kpi = fc.record({
    ...Object.fromEntries(Object.entries(row).map(([name, value]) => [name, fc.constant(value)])),
    title: words,
    reason: words,
    mandatory: fc.boolean(),
    status: fc.constantFrom('pass', 'fail', 'no_data', 'not_judged'),
    value: fc.option(size),
    unit: fc.constantFrom('ms', '%', 'viewers', 'connections'),
    samples: size.map(Math.abs),
    bound: fc.record({ op: fc.constantFrom('<=', '>'), value: size }),
    beside: fc.dictionary(words, fc.oneof(size, words)),
  });

  test('its summary has at most 80 columns and sends nothing to the terminal', () => {
    const base = RUNS.fail;
    fc.assert(
      fc.property(
        fc.record({
          kpis: fc.array(kpi, { maxLength: 6 }),
          texts: fc.array(words, { maxLength: 3 }),
          name: words,
          number: size.map(Math.abs),
          folder: words.filter((text) => text !== ''),
        }),
        ({ kpis, texts, name, number, folder }) => {
          const summary = {
            ...base,
            kpis: kpis as unknown as typeof base.kpis,
            notes: texts,
            invalidReasons: texts.map((text) => ({ code: 'x', text })),
            vus: { planned: number, joined: number, maxConcurrent: number, lost: number },
            generator: {
              cpuMsPerViewerSecond: number,
              eventLoopDelayP99Ms: number,
              laggedPct: number,
              rssBytes: number,
            },
            run: { ...base.run, profile: name, target: name, host: name, measuredMs: number },
          };
          const text = formatSummary(summary, { color: false, place: { folder, tool: 'npx dorami-load' } });
          expect(text.split('\n').filter((line) => widthOf(line) > 80)).toEqual([]);
          // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be there
          expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/);
        },
      ),
      { numRuns: 150 },
    );
  });
});
