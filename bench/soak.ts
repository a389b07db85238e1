import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { profileYaml } from '../src/config/profile-yaml.js';
import { parseDuration } from '../src/config/values.js';
import type { Profile } from '../src/scenarios/profile.js';
import { SOAK } from '../src/scenarios/profiles/soak.js';
import type { At } from '../src/stats/slope.js';
import { flatnessOf } from './support/flatness.js';
import { startStageProcess } from './support/stage-process.js';
import { median } from './support/stats.js';

/**
 * Does a long run keep its memory, give its descriptors back, and stay small on disk? One run of the built command
 * inside this process with the soak profile, its ramps and its hold shortened, against a stage in a process of its
 * own; both processes are looked at every 5 s.
 *
 * `node dist-bench/bench/soak.js [--vus 200] [--hold 30m] [--warm-up 5m] [--seed 1] [--keep DIR]`
 *
 * `--warm-up` counts from the start of the run, ramp included; memory is looked at until the drain. `--keep` leaves the
 * run folder and the looks behind.
 * The exit code is 1 when the generator's memory grows (the interval of its slope lies above zero), descriptors stay
 * open, or the ticks take more than 30 MB for each half hour; what the verdict says is printed and does not change it.
 *
 * A heap takes three quarters of an hour until it stands (bench/README.md): `--hold 80m --warm-up 45m` shows that it does.
 */
const flag = (name: string, fallback: string): string => {
  const at = process.argv.indexOf(`--${name}`);
  return at < 0 ? fallback : (process.argv[at + 1] ?? fallback);
};
const vus = Number(flag('vus', '200'));
const holdMs = parseDuration(flag('hold', '30m')) ?? Number.NaN;
const warmUpMs = parseDuration(flag('warm-up', '5m')) ?? Number.NaN;
const keep = flag('keep', '');

const RAMP_MS = 120_000;
const DRAIN_MS = 60_000;
const EVERY_MS = 5000;
/** For half an hour, which a shorter run has as well. */
const MAX_TICKS_BYTES = 30e6 * Math.max(1, holdMs / 1_800_000);
/** Sockets that were just closed are gone from /proc a moment later. */
const SETTLE_MS = 2000;

const openFiles = (): number => readdirSync('/proc/self/fd').length;
const mb = (bytes: number): string => (bytes / 1e6).toFixed(1);

interface Row {
  readonly name: string;
  /** Whether growth fails the bench; the stage is only the other side. */
  readonly demanded: boolean;
  readonly read: () => number;
  readonly samples: At[];
}

/** The soak with ramp and drain of minutes and the hold that was asked for: a profile of its own, so nothing is "scaled". */
function shortSoak(): Profile {
  const lengthsMs: Readonly<Record<string, number>> = { ramp: RAMP_MS, hold: holdMs, drain: DRAIN_MS };
  const stages = SOAK.stages.map((stage) => ({
    ...stage,
    durationMs: lengthsMs[stage.name] ?? stage.durationMs,
  }));
  return { ...SOAK, stages, title: 'a soak whose ramp and drain take minutes' };
}

function memoryLine({ name, demanded, samples }: Row): {
  readonly cells: string[];
  readonly failed: boolean;
} {
  const held = samples.filter(({ atMs }) => atMs <= RAMP_MS + holdMs);
  const seen = flatnessOf(held, warmUpMs);
  if (seen === undefined) return { cells: [name, 'too few looks'], failed: demanded };
  const { perHour, lowPerHour, highPerHour, overMs, points, flat } = seen;
  return {
    cells: [
      name,
      `${mb(seen.median)} (${mb(seen.least)} to ${mb(seen.most)})`,
      `${mb(perHour)} (${mb(lowPerHour)} to ${mb(highPerHour)})`,
      `${points} windows over ${(overMs / 60_000).toFixed(1)} min`,
      flat ? 'flat' : 'GROWS',
    ],
    failed: demanded && !flat,
  };
}

function printTable(lines: readonly (readonly string[])[]): void {
  for (const cells of lines) console.log(`| ${cells.join(' | ')} |`);
}

interface Verdict {
  readonly verdict: string;
  readonly invalidReasons: readonly { readonly text: string }[];
  readonly kpis: readonly { readonly id: string; readonly status: string }[];
}

function verdictLine(runDir: string): string {
  const { verdict, invalidReasons, kpis } = JSON.parse(
    readFileSync(join(runDir, 'summary.json'), 'utf8'),
  ) as Verdict;
  const of = (status: string): string[] => kpis.flatMap((row) => (row.status === status ? [row.id] : []));
  return [
    `verdict ${verdict}`,
    ...invalidReasons.map(({ text }) => text),
    `${of('pass').length} rows passed`,
    ...of('fail').map((id) => `${id} failed`),
  ].join('; ');
}

const folder = keep === '' ? mkdtempSync(join(tmpdir(), 'dorami-load-soak-')) : keep;
mkdirSync(folder, { recursive: true });
const users = join(folder, 'users.csv');
const stage = await startStageProcess([
  '--users-out',
  users,
  '--users-count',
  `${vus}`,
  '--token-ttl',
  '15m',
]);
try {
  const profile = join(folder, 'soak.yaml');
  writeFileSync(profile, profileYaml(shortSoak(), 'profile.schema.json'));
  const { main } = (await import(new URL('../../dist/cli.js', import.meta.url).href)) as {
    main(argv: readonly string[], env: NodeJS.ProcessEnv): Promise<number>;
  };
  const filesBefore = { generator: openFiles(), stage: stage.openFiles() };
  const rows: Row[] = [
    { name: 'generator', demanded: true, read: () => process.memoryUsage.rss(), samples: [] },
    { name: 'stage', demanded: false, read: () => stage.rssBytes(), samples: [] },
  ];
  const filesSeen: number[] = [];
  const startedAtMs = performance.now();
  const timer = setInterval(() => {
    const atMs = performance.now() - startedAtMs;
    for (const { samples, read } of rows) samples.push({ atMs, value: read() });
    filesSeen.push(openFiles());
  }, EVERY_MS);
  const { target } = stage;
  const where = ['--target', target.apiUrl, '--stream-key', target.streamKey, '--users', users];
  const what = ['--profile', profile, '--vus', `${vus}`, '--seed', flag('seed', '1')];
  const code = await main(
    ['run', ...where, '--stage-control', stage.controlUrl, ...what, '--out', folder, '--quiet'],
    process.env,
  );
  clearInterval(timer);
  await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
  const filesAfter = { generator: openFiles(), stage: stage.openFiles() };
  const runDir = readdirSync(folder, { withFileTypes: true }).find((entry) => entry.isDirectory())?.name;
  if (runDir === undefined) throw new Error(`no run folder, exit ${code}`);
  const ticksBytes = statSync(join(folder, runDir, 'ticks.ndjson')).size;
  if (keep !== '') writeFileSync(join(folder, 'looks.json'), JSON.stringify({ rows, filesSeen }));

  console.log(`${vus} VUs, hold ${flag('hold', '30m')}, warm-up ${flag('warm-up', '5m')}, exit ${code}`);
  console.log(verdictLine(join(folder, runDir)));
  const memory = rows.map(memoryLine);
  printTable([
    ['memory', 'MB resident', 'slope, MB per hour (95 %)', 'looked at', ''],
    ['---', '---', '---', '---', '---'],
    ...memory.map(({ cells }) => cells),
  ]);
  const during = `${median(filesSeen)} (at most ${Math.max(...filesSeen)})`;
  printTable([
    ['descriptors', 'before', 'during', 'after'],
    ['---', '---', '---', '---'],
    ['generator', `${filesBefore.generator}`, during, `${filesAfter.generator}`],
    ['stage', `${filesBefore.stage}`, '', `${filesAfter.stage}`],
  ]);
  console.log(`ticks on disk: ${mb(ticksBytes)} MB`);
  const back = filesAfter.generator <= filesBefore.generator && filesAfter.stage <= filesBefore.stage;
  if (!back || memory.some(({ failed }) => failed) || ticksBytes > MAX_TICKS_BYTES) process.exitCode = 1;
} finally {
  stage.stop();
  if (keep === '') rmSync(folder, { recursive: true, force: true });
}
