import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { needs } from '../services/available.js';
import { type CliResult, OWN_LAG, type RunningCli, runCli, startCli, startLoad } from './cli.js';

interface BoxRow {
  readonly id: string;
  readonly vus: number;
  readonly isGone: boolean;
  readonly gaps: number;
  readonly ticks: number;
  readonly records: { readonly received: number; readonly missing: number } | null;
  readonly clock: { readonly errorMs: number } | null;
}

let folder = '';
let left = '';
let agents: RunningCli[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'boxes-'));
  left = mkdtempSync(join(tmpdir(), 'boxes-left-'));
});
afterEach(async () => {
  for (const agent of agents) agent.signal('SIGKILL');
  await Promise.allSettled(agents.map(({ done }) => done));
  agents = [];
  for (const one of [folder, left]) rmSync(one, { recursive: true, force: true });
});

const addressFile = (): string => join(left, 'agents.url');

/** A run with a broker of its own, and as many agents as real processes. */
async function overBoxes(names: readonly string[], args: readonly string[]): Promise<RunningCli> {
  const run = startLoad(
    [
      ...['--embed-nats', '0', '--nats-out', addressFile(), '--agents', String(names.length)],
      ...['--wait', '90s', '--no-preflight', ...args],
    ],
    { outDir: folder, timeoutMs: 150_000 },
  );
  await run.says(/agent --name NAME/);
  expect(run.stderr()).toContain(`DORAMI_LOAD_NATS=$(cat ${addressFile()}) dorami-load agent --name NAME`);
  const url = readFileSync(addressFile(), 'utf8').trim();
  expect(run.stderr()).not.toContain(new URL(url).password);
  agents = names.map((one) =>
    startCli(['agent', '--name', one, '--workers', '1', '--once', '--dir', join(left, one)], {
      env: { DORAMI_LOAD_NATS: url },
      timeoutMs: 150_000,
    }),
  );
  return run;
}

const boxesOf = ({ summary }: CliResult): readonly BoxRow[] =>
  (summary as unknown as { boxes: readonly BoxRow[] }).boxes;
const jsonOf = (path: string): Record<string, unknown> => JSON.parse(readFileSync(path, 'utf8'));
const linesOf = (path: string): string[] => readFileSync(path, 'utf8').trimEnd().split('\n');

it('three boxes come to the verdict that the same ticks come to in one place, to the last digit', async (test) => {
  needs(test, 'nats');
  const run = await overBoxes(['a', 'b', 'c'], ['--vus', '12', '--duration', '20s', '--trace-vu', '4']);
  const ended = await run.done;
  const dir = ended.runDir ?? '';
  const live = jsonOf(join(dir, 'summary.json'));
  expect(existsSync(addressFile())).toBe(false);
  const boxes = boxesOf(ended);
  expect(boxes.map(({ id, vus, isGone }) => [id, vus, isGone])).toEqual([
    ['a', 4, false],
    ['b', 4, false],
    ['c', 4, false],
  ]);
  // Nothing is lost and nothing twice, and each tick stands in the folder once.
  expect(boxes.map(({ gaps, records }) => [gaps, records?.missing])).toEqual([
    [0, 0],
    [0, 0],
    [0, 0],
  ]);
  expect(boxes.every(({ clock }) => clock !== null && clock.errorMs < 50)).toBe(true);
  const ticks = linesOf(join(dir, 'ticks.ndjson'));
  expect(boxes.reduce((sum, box) => sum + box.ticks, 0)).toBe(ticks.length);
  expect(ended.summary?.vus).toMatchObject({ planned: 12 });
  // A viewer that our own lag held up comes late, and of a machine that is that busy nothing is claimed.
  if (!ended.summary?.invalidReasons.some(({ code }) => OWN_LAG.includes(code)))
    expect(ended.summary?.vus).toMatchObject({ joined: 12, lost: 0 });
  expect(ended.summary?.invalidReasons.map(({ code }) => code)).not.toContain('last_tick_missing');
  // One viewer of any box can be followed.
  expect(linesOf(join(dir, 'trace', 'vu-4.ndjson')).length).toBeGreaterThan(10);
  // Neither the password of the broker nor the key of the stream is left anywhere.
  expect(ended.stderr).not.toMatch(/agent:[^@]{8}/);

  const judged = await runCli(['judge', dir, '--json']);
  expect(JSON.parse(judged.stdout)).toEqual(live);

  const parts = ['a', 'b', 'c'].map((box, i) => {
    const part = join(left, `part-${box}`);
    mkdirSync(part);
    writeFileSync(join(part, 'run.json'), readFileSync(join(dir, 'run.json')));
    const own = ticks.filter((line) => (JSON.parse(line) as { box: string }).box === box);
    writeFileSync(join(part, 'ticks.ndjson'), `${own.join('\n')}\n`);
    const events = linesOf(join(dir, 'events.ndjson'));
    const kept = i === 0 ? events : events.slice(-1);
    writeFileSync(join(part, 'events.ndjson'), `${kept.join('\n')}\n`);
    return part;
  });
  const merged = await runCli(['merge', ...parts, '--out', join(left, 'merged'), '--json']);
  const { summary } = JSON.parse(merged.stdout) as { summary: Record<string, unknown> };
  for (const part of ['verdict', 'invalidReasons', 'metrics', 'generator', 'vus', 'boxes'])
    expect(summary[part], part).toEqual(live[part]);
  const figures = (of: unknown) =>
    (of as { id: string; value: number; status: string; samples: number }[]).map(
      ({ id, value, status, samples }) => ({ id, value, status, samples }),
    );
  expect(figures(summary.kpis)).toEqual(figures(live.kpis));
});

it('a box that is killed ends the run, which is invalid and says which box', async (test) => {
  needs(test, 'nats');
  const run = await overBoxes(['a', 'b'], ['--vus', '6', '--duration', '40s']);
  await run.says(/hold 0:/);
  const killedMs = Date.now();
  agents[1]?.signal('SIGKILL');
  const ended = await run.done;
  // 5 s until it counts as lost, and what the others need to leave; not to the end of the plan.
  expect(Date.now() - killedMs).toBeLessThan(25_000);
  expect(ended.code).toBe(111);
  expect(ended.reason).toMatch(/INVALID .*box b was lost: no sign of life for \d/);
  expect(ended.summary?.invalidReasons.map(({ code }) => code)).toContain('box_lost');
  expect(boxesOf(ended).map(({ id, isGone }) => [id, isGone])).toEqual([
    ['a', false],
    ['b', true],
  ]);
  const events = linesOf(join(ended.runDir ?? '', 'events.ndjson')).map((line) => JSON.parse(line));
  expect(events.filter(({ kind }) => kind === 'box_state').map(({ state }) => state)).toEqual([
    'late',
    'lost',
  ]);
  expect(readFileSync(join(ended.runDir ?? '', 'report.html'), 'utf8')).toContain(
    'load box b was lost: no sign',
  );
  const judged = await runCli(['judge', ended.runDir ?? '', '--json']);
  expect(JSON.parse(judged.stdout)).toEqual(jsonOf(join(ended.runDir ?? '', 'summary.json')));
});
