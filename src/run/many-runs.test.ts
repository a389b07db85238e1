import {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, test } from 'vitest';
import { END_MS, healthyRun, recorderOf, reported } from '../../test/support/measured.js';
import { recordOf } from '../../test/support/run-record.js';
import { threeBoxes } from '../../test/support/three-boxes.js';
import type { ViewerEvent } from '../events.js';
import type { Parity } from '../parity/parity-schema.js';
import type { Tick } from '../stats/tick.js';
import { encodeTick } from '../stats/tick-codec.js';
import { compareCommand } from './compare-command.js';
import { judgeFolder } from './judge-command.js';
import { mergeCommand } from './merge-command.js';
import type { Output } from './output.js';
import { readinessCommand } from './readiness-command.js';
import { repeatCommand } from './repeat-command.js';
import { RUN_FILES } from './run-folder.js';
import { runMany } from './run-many.js';
import type { RunRecord } from './run-record.js';

function ticksOf(events: readonly ViewerEvent[], worker = 0): Tick[] {
  const recorder = recorderOf(worker);
  for (const event of events) recorder.on(reported(event));
  return [...recorder.takeTick(END_MS / 2), ...recorder.takeTick(END_MS, true)];
}

const GOOD = ticksOf(healthyRun());
/** All reads and writes take two seconds. */
const SLOW = ticksOf(
  healthyRun().map((event) =>
    event.kind === 'api_call' ? { ...event, durationMs: 2000, sinceDueMs: 2000 } : event,
  ),
);

let root: string;
let said: string[];
let results: string[];
let output: Output;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'many-'));
  said = [];
  results = [];
  output = { result: (text) => results.push(text), line: (text) => said.push(text) };
});
afterEach(() => rmSync(root, { recursive: true }));

interface Written {
  readonly ticks?: readonly Tick[];
  readonly record?: Partial<RunRecord>;
  /** Whether it came to its end. */
  readonly ended?: boolean;
  readonly torn?: boolean;
}

function folder(
  name: string,
  { ticks = GOOD, record = {}, ended = true, torn = false }: Written = {},
): string {
  const path = join(root, name);
  mkdirSync(path);
  writeFileSync(join(path, RUN_FILES.run), JSON.stringify({ ...recordOf(), id: name, ...record }));
  const lines = ticks.map((tick) => `${encodeTick(tick)}\n`).join('');
  writeFileSync(join(path, RUN_FILES.ticks), torn ? `${lines}{"v":1,"box` : lines);
  const end = ended ? '{"kind":"run_ended","atMs":60000,"counts":{}}\n' : '';
  writeFileSync(join(path, RUN_FILES.events), `{"kind":"run_started","atMs":0}\n${end}`);
  return path;
}

/** The folder's summary as a file of its own. */
async function summaryOf(path: string, changes: object = {}): Promise<string> {
  const { summary } = await judgeFolder(path);
  const file = `${path}.summary.json`;
  writeFileSync(file, JSON.stringify({ ...summary, ...changes }));
  return file;
}

async function refusal(work: Promise<unknown>): Promise<string> {
  return work.then(
    () => 'was not refused',
    (error: unknown) => String(error),
  );
}

describe('compare', () => {
  const compare = (words: readonly string[], flags = {}) => compareCommand(words, flags, [], output);

  it('ends with 0 where nothing differs, and says what that is worth', async () => {
    expect(await compare([folder('a'), folder('b')])).toMatchObject({ exitCode: 0 });
    expect(results.join()).toContain('no difference shown');
    expect(results.join().replace(/\s+/g, ' ')).toContain('three runs a side tell more');
    expect(
      results
        .join('\n')
        .split('\n')
        .filter((line) => line.length > 80 && !line.includes(root)),
    ).toEqual([]);
  });

  it('ends with 117 and the row where reads became a hundred times slower', async () => {
    const ended = await compare([folder('a'), folder('b', { ticks: SLOW })]);
    expect(ended.exitCode).toBe(117);
    expect(ended.reason).toContain('API reads, p95');
    expect(results.join()).toMatch(
      /worse +API reads, p95\n +20 ms -> 2000 ms \(\+9900 %\); no longer < 500 ms/,
    );
  });

  it('takes several runs a side, and summaries beside folders', async () => {
    const slow = (name: string): string => folder(name, { ticks: SLOW });
    const a = [folder('a1'), await summaryOf(folder('a2')), folder('a3')].join();
    const b = [slow('b1'), await summaryOf(slow('b2')), slow('b3')].join();
    expect((await compare([a, b])).exitCode).toBe(117);
    expect(results.join()).toContain('Runs are the samples');
  });

  it('holds runs over boxes against each other by what their boxes have, not by the coordinator', async () => {
    const over = (name: string, cores: number) =>
      summaryOf(folder(name), { boxes: threeBoxes().map((box) => ({ ...box, host: name, cores })) });
    const told = async (a: string, b: string): Promise<string> => {
      results.length = 0;
      await compare([a, b]);
      return results.join().replace(/\s+/g, ' ');
    };
    expect(await told(await over('a', 4), await over('b', 4))).not.toContain('generator host');
    expect(await told(await over('c', 4), await over('d', 2))).toContain(
      'generator host 3 load boxes with 2, 2, 2 cores, of',
    );
  });

  it('prints one JSON and nothing else with --json', async () => {
    await compare([folder('a'), folder('b', { ticks: SLOW })], { json: true });
    const { rows, unit } = JSON.parse(results.join('')) as {
      rows: { id: string; outcome: string }[];
      unit: string;
    };
    expect(unit).toBe('viewers');
    expect(rows.find(({ id }) => id === 'api_read_p95')?.outcome).toBe('worse');
  });

  it('calls a run invalid that is', async () => {
    const foreign = folder('b', { ticks: [...GOOD, ...ticksOf([], 7)] });
    expect(await compare([folder('a'), foreign])).toMatchObject({ exitCode: 111 });
  });

  test.each([
    ['one side', () => [folder('a')], /1 sides/],
    [
      'a folder that is not there',
      () => [folder('a'), join(root, 'none')],
      /neither the folder of a run nor/,
    ],
    ['an empty folder', () => [folder('a'), root], /run\.json: ENOENT/],
    ['an empty name', () => [`${folder('a')},`, folder('b')], /empty name/],
    ['the same folder twice', () => [folder('a'), join(root, 'a', '.')], /is the same run as/],
    [
      'a copy of the same run',
      () => [folder('a'), folder('b', { record: { id: 'a' } })],
      /is the same run as/,
    ],
    ['a run that was killed', () => [folder('a'), folder('b', { ended: false })], /killed, or still going/],
    [
      'another profile',
      () => [folder('a'), folder('b', { record: { profile: 'ramp' } })],
      /profile ramp, of .*a smoke\n.*not the same load/s,
    ],
    [
      'another mix',
      () => [
        folder('a'),
        folder('b', { record: { planned: { ...recordOf().planned, byProtocol: { hls: 1, flv: 49 } } } }),
      ],
      /mix hls=1,flv=49/,
    ],
  ])('refuses %s in words', async (_name, words, wanted) => {
    expect(await refusal(compare(words()))).toMatch(wanted);
    expect(results).toEqual([]);
  });

  test.each([
    ['of another schema version', { schemaVersion: 2 }, /schema version 2/],
    ['with a row that nobody knows', { kpis: [{ id: 'what' }] }, /not the summary of a run: kpis\.0/],
  ])('refuses a summary %s', async (_name, changes, wanted) => {
    const b = await summaryOf(folder('b'), changes);
    expect(await refusal(compare([folder('a'), b]))).toMatch(wanted);
  });
});

describe('repeat', () => {
  const repeat = (paths: readonly string[], flags = {}) => repeatCommand(paths, flags, [], output);

  it('passes only if all pass, and says how many did', async () => {
    expect(await repeat([folder('a'), folder('b'), folder('c')])).toEqual({
      exitCode: 0,
      reason: '3 of 3 passed: PASS',
    });
    const ended = await repeat([join(root, 'a'), join(root, 'b'), folder('slow', { ticks: SLOW })]);
    expect(ended).toEqual({ exitCode: 99, reason: '2 of 3 passed: FAIL' });
    expect(results.at(-1)).toMatch(/! API reads, p95 +20 ms +20 +2000 +2\/3/);
  });

  it('is no pass where one run was killed, and notes that two runs are few', async () => {
    const ended = await repeat([folder('a'), folder('b', { ended: false })], { json: true });
    expect(ended).toEqual({ exitCode: 105, reason: '1 of 2 passed: STOPPED' });
    const { notes } = JSON.parse(results.join('')) as { notes: string[] };
    expect(notes.join()).toContain('the strategy wants 3 at least');
  });

  it('refuses one run, and runs of different loads', async () => {
    expect(await refusal(repeat([folder('a')]))).toContain('one run is no repetition');
    const ramp = folder('b', { record: { profile: 'ramp' } });
    expect(await refusal(repeat([join(root, 'a'), ramp]))).toContain('not the same load');
  });

  it('is what several runs in a row end with, and stops with the one that was stopped', async () => {
    const once = (codes: readonly number[]) => {
      let run = 0;
      return async (_to: Output, madeFolder: (path: string) => void) => {
        madeFolder(folder(`run-${codes.length}-${run}`));
        return { exitCode: codes[run++] ?? 0, reason: 'stopped by SIGINT' };
      };
    };
    const base = { json: false, output };
    expect(await runMany({ ...base, runs: 2, once: once([0, 0]) })).toMatchObject({
      reason: '2 of 2 passed: PASS',
    });
    expect(await runMany({ ...base, runs: 3, once: once([0, 105, 0]) })).toEqual({
      exitCode: 105,
      reason: 'run 2 of 3: stopped by SIGINT; the others were not made',
    });
  });
});

describe('readiness', () => {
  const ready = (paths: readonly string[], flags = {}) => readinessCommand(paths, flags, [], output);
  const staging = { embeddedStage: false, profile: 'ramp' } as const;

  it('of a small run of the ramp is not proven, and says why a pass in it is none', async () => {
    const out = join(root, 'release.md');
    const ended = await ready([folder('a', { record: { ...staging, rates: { productsEveryMs: 60_000 } } })], {
      out,
    });
    expect(ended.exitCode).toBe(114);
    expect(results.join().replace(/\s+/g, ' ')).toMatch(
      /proves nothing: 50 viewers of 500, shorter than drawn: hold, acts less than drawn: /,
    );
    expect(readFileSync(out, 'utf8')).toContain(
      '| 10 | API p95 latency < 500 ms | ramp |'.replace('<', '&lt;'),
    );
  });

  it('of a run that fails is not ready', async () => {
    expect(await ready([folder('a', { record: staging, ticks: SLOW })])).toMatchObject({ exitCode: 99 });
    expect(results.join()).toMatch(/^NOT READY: failed: #10; not proven: /);
  });

  it('says how like production the platform was, run by run', async () => {
    const counts = { same: 15, differs: 0, documented: 0, open: 1 };
    const parity: Parity = { ...{ v: 1, madeAt: '2026-11-23T03:00:00.000Z', counts }, rows: [] };
    const with0 = folder('a', { record: { ...staging, parity } });
    const without = folder('b', { record: { ...staging, id: 'other' } });
    await ready([with0, without], { json: true });
    const { notes } = JSON.parse(results.join('')) as { notes: string[] };
    expect(notes).toContain(
      `${with0}: parity with production (strategy 4.1): 15 of 0 rows the same, 1 open ()`,
    );
    expect(notes.join()).toContain(`${without}: how like production the platform is was not looked at`);
  });

  it('takes nothing from a smoke run, or one on the own stage', async () => {
    await ready([folder('a'), folder('b', { record: { profile: 'ramp' } })], { json: true });
    const { runs, notes } = JSON.parse(results.join('')) as { runs: { doubts: string[] }[]; notes: string[] };
    expect(runs[1]?.doubts).toContain('on the own stage, which is no platform');
    expect(notes.join()).toContain('is a smoke run: no criterion is read from it');
  });

  it('refuses runs of two platforms, and a file that cannot be written', async () => {
    const other = { ...recordOf().target, apiUrl: 'http://other' };
    const paths = [folder('a', { record: staging }), folder('b', { record: { ...staging, target: other } })];
    expect(await refusal(ready(paths))).toContain('not of one platform');
    expect(await refusal(ready(paths.slice(0, 1), { out: join(root, 'none', 'x') }))).toContain(
      '--out: cannot write',
    );
  });
});

describe('merge', () => {
  const to = (): string => join(root, 'whole');
  const merge = (paths: readonly string[]) => mergeCommand(paths, { out: to() }, [], output);
  const same = { id: 'one', workers: 2 };
  const host = { ...recordOf().host, name: 'other-box' };
  const half = (worker: number): Tick[] =>
    ticksOf(
      healthyRun().filter((_, index) => index % 2 === worker),
      worker,
    );

  it('gives what one folder with all ticks would have given', async () => {
    const byTime = [...half(0), ...half(1)].sort((a, b) => a.toMs - b.toMs);
    const whole = folder('all', { record: same, ticks: byTime });
    const parts = [
      folder('p', { record: same, ticks: half(0) }),
      folder('q', { record: { ...same, host }, ticks: half(1) }),
    ];
    expect(await merge(parts)).toMatchObject({ exitCode: 0 });
    expect(results).toEqual([to()]);
    expect((await judgeFolder(to())).summary).toEqual((await judgeFolder(whole)).summary);
  });

  it('names the worst ten seconds of all parts together, however long each of them is', async () => {
    const record = { ...same, phases: [{ name: 'hold', role: 'hold', fromMs: 0, toMs: 200_000 }] } as const;
    const calls = healthyRun().filter((event) => event.kind === 'api_call');
    const withSlow = (worker: number, slowAtMs: number): Tick[] => {
      const recorder = recorderOf(worker, undefined, record.phases);
      return Array.from({ length: 20 }, (_, i) => {
        const durationMs = i * 10_000 === slowAtMs ? 900 : 20;
        for (const event of calls)
          recorder.on(reported({ ...event, atMs: i * 10_000, durationMs, sinceDueMs: durationMs }));
        return recorder.takeTick((i + 1) * 10_000, i === 19);
      }).flat();
    };
    const parts = [withSlow(0, 90_000), withSlow(1, 30_000)] as const;
    const byTime = parts.flat().sort((a, b) => a.toMs - b.toMs);
    const whole = folder('all', { record, ticks: byTime });
    await merge([folder('p', { record, ticks: parts[0] }), folder('q', { record, ticks: parts[1] })]);
    const merged = (await judgeFolder(to())).summary;
    expect(merged).toEqual((await judgeFolder(whole)).summary);
    expect(JSON.stringify(merged)).toContain('"fromMs":30000');
  });

  it('has the events of all parts by time, and no end where one part has none', async () => {
    const parts = [
      folder('p', { record: same, ticks: half(0) }),
      folder('q', { record: same, ticks: half(1), ended: false }),
    ];
    const kinds = (): string[] =>
      readFileSync(join(to(), RUN_FILES.events), 'utf8')
        .trim()
        .split('\n')
        .map((line) => (JSON.parse(line) as { kind: string }).kind);
    const middle = { kind: 'own_fault', atMs: 7, reason: 'x' };
    appendFileSync(join(parts[1] as string, RUN_FILES.events), `${JSON.stringify(middle)}\nnoise\n`);
    await merge(parts);
    expect(kinds()).toEqual(['run_started', 'run_started', 'own_fault']);
    rmSync(to(), { recursive: true });
    appendFileSync(join(parts[1] as string, RUN_FILES.events), '{"kind":"run_ended","atMs":8}\n');
    await merge(parts);
    expect(kinds().filter((kind) => kind === 'run_ended')).toHaveLength(2);
  });

  it('of a part that was killed is a run that did not end', async () => {
    const killed = folder('q', { record: same, ticks: half(1), ended: false, torn: true });
    await merge([folder('p', { record: same, ticks: half(0) }), killed]);
    expect(said.join()).toMatch(/q: its last tick was cut off.*q: did not come to its end/);
    expect((await judgeFolder(to())).summary.exitCode).toBe(105);
  });

  test.each([
    ['one part', () => [folder('p', { record: same })], /one part is no merge/],
    ['another run', () => [folder('p'), folder('q')], /run q, .*p is of p/],
    ['the same folder', () => [folder('p', { record: same }), join(root, 'p', '')], /is the same folder as/],
    [
      'a copy',
      () => [folder('p', { record: same }), folder('q', { record: same })],
      /tick 0 of worker local\/0 is in another/,
    ],
    [
      'another version',
      () => [
        folder('p', { record: same }),
        folder('q', { record: { ...same, version: '9' }, ticks: half(1) }),
      ],
      /its version is not that of/,
    ],
    [
      'another plan',
      () => [folder('p', { record: same }), folder('q', { record: { ...same, phases: [] }, ticks: half(1) })],
      /its phases is not that of/,
    ],
  ])('refuses %s and leaves nothing behind', async (_name, paths, wanted) => {
    expect(await refusal(merge(paths()))).toMatch(wanted);
    expect(existsSync(join(to(), RUN_FILES.run))).toBe(false);
    expect(existsSync(join(to(), RUN_FILES.ticks))).toBe(false);
  });

  it('writes over no run', async () => {
    mkdirSync(to());
    writeFileSync(join(to(), RUN_FILES.ticks), 'mine');
    const parts = [
      folder('p', { record: same, ticks: half(0) }),
      folder('q', { record: same, ticks: half(1) }),
    ];
    expect(await refusal(merge(parts))).toContain('has a run in it already');
    expect(readFileSync(join(to(), RUN_FILES.ticks), 'utf8')).toBe('mine');
  });
});
