import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { startEmbeddedBroker } from '../src/cluster/embedded-broker.js';
import type { BoxesJob } from './support/boxes-job.js';
import { median } from './support/stats.js';

/**
 * What the coordinator of a run over many load boxes costs: boxes with recorded ticks, a real broker, and the coordinator's
 * end in a process of its own, whose CPU and memory are looked at every second.
 *
 * `node dist-bench/bench/boxes.js [--boxes 5,20,50] [--workers 8] [--seconds 60] [--ticks FILE]`
 *
 * `--ticks`: lines of a ticks.ndjson; without it a short run of `--vus` viewers is made first and its hold is taken.
 */
const flag = (name: string, fallback: string): string => {
  const at = process.argv.indexOf(`--${name}`);
  return at < 0 ? fallback : (process.argv[at + 1] ?? fallback);
};
const counts = flag('boxes', '5,20,50').split(',').map(Number);
const workers = Number(flag('workers', '8'));
const seconds = Number(flag('seconds', '60'));
/** Of one core, and resident. */
const BOUND = { share: 0.4, mb: 300 };
const WARM_UP_S = 10;
const CLOCK_TICK_MS = 10;
const PAGE_BYTES = 4096;

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'dorami-bench-'));
const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { version: string };

/** A file with the ticks of a hold, of a run that is made for it unless one is given. */
async function recordedTicks(): Promise<string> {
  const given = flag('ticks', '');
  const path = given === '' ? await recordRun() : given;
  const lines = readFileSync(path, 'utf8')
    .trim()
    .split('\n')
    .filter((line) => /"played_ms\|hold\|/.test(line));
  if (lines.length < 10) throw new Error(`${path} has ${lines.length} ticks of a hold`);
  const to = join(folder, 'ticks.ndjson');
  writeFileSync(to, `${lines.join('\n')}\n`);
  const bytes = lines.reduce((sum, line) => sum + line.length, 0) / lines.length;
  console.log(`${lines.length} recorded ticks of ${Math.round(bytes)} bytes on average`);
  return to;
}

async function recordRun(): Promise<string> {
  const out = join(folder, 'recorded');
  const flags = [
    '--vus',
    flag('vus', '100'),
    '--workers',
    '1',
    '--duration',
    '60s',
    '--quiet',
    '--no-report',
  ];
  const child = spawn(process.execPath, [join(ROOT, 'bin/dorami-load.js'), ...flags, '--out', out], {
    stdio: 'ignore',
  });
  await new Promise((resolve) => child.once('exit', resolve));
  const [run = ''] = readdirSync(out);
  return join(out, run, 'ticks.ndjson');
}

interface Sample {
  readonly share: number;
  readonly mb: number;
}

interface Measured {
  readonly samples: readonly Sample[];
  readonly counted: { readonly tickCount: number; readonly duplicateCount: number; readonly gaps: number };
}

async function measure(boxes: number, ticksFile: string): Promise<Measured> {
  const broker = await startEmbeddedBroker();
  const job: BoxesJob = { url: broker.url, boxes, workers, seconds, ticksFile, version };
  const start = (file: string, node: readonly string[] = []): ChildProcess =>
    spawn(
      process.execPath,
      [...node, fileURLToPath(new URL(`support/${file}`, import.meta.url)), JSON.stringify(job)],
      {
        stdio: ['pipe', 'pipe', 'inherit'],
      },
    );
  const crowd = start('boxes-main.js');
  try {
    await firstLine(crowd);
    const profile = flag('cpu-prof', '');
    const head = start(
      'boxes-head-main.js',
      profile === '' ? [] : ['--cpu-prof', `--cpu-prof-dir=${profile}`],
    );
    const lines = createInterface({ input: head.stdout as NodeJS.ReadableStream })[Symbol.asyncIterator]();
    await lines.next();
    const samples = await watch(head);
    const { value } = await lines.next();
    return { samples, counted: JSON.parse(value as string) as Measured['counted'] };
  } finally {
    crowd.stdin?.end();
    await new Promise((resolve) => crowd.once('exit', resolve));
    await broker.close();
  }
}

async function firstLine(child: ChildProcess): Promise<void> {
  await createInterface({ input: child.stdout as NodeJS.ReadableStream })
    [Symbol.asyncIterator]()
    .next();
}

/** CPU and memory of a process, second by second, while all boxes send. */
async function watch({ pid }: ChildProcess): Promise<Sample[]> {
  const samples: Sample[] = [];
  let before = lookAt(pid);
  for (let second = 0; second < seconds; second++) {
    await delay(1000);
    const now = lookAt(pid);
    samples.push({ share: (now.cpuMs - before.cpuMs) / (now.atMs - before.atMs), mb: now.rssBytes / 1e6 });
    before = now;
  }
  return samples.slice(WARM_UP_S);
}

function lookAt(pid: number | undefined): { cpuMs: number; rssBytes: number; atMs: number } {
  const text = readFileSync(`/proc/${pid}/stat`, 'latin1');
  const fields = text
    .slice(text.lastIndexOf(')') + 2)
    .split(' ')
    .map(Number);
  const cpuMs = ((fields[11] ?? 0) + (fields[12] ?? 0)) * CLOCK_TICK_MS;
  return { cpuMs, rssBytes: (fields[21] ?? 0) * PAGE_BYTES, atMs: performance.now() };
}

const percent = (share: number): string => `${(share * 100).toFixed(1)} %`;
const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

try {
  const ticksFile = await recordedTicks();
  console.log(
    '| boxes | ticks/s | CPU of one core, mean (median) | first third | last third | MB resident, highest | first third | last third | ticks | twice | gaps |',
  );
  console.log('|---|---|---|---|---|---|---|---|---|---|---|');
  for (const boxes of counts) {
    const { samples, counted } = await measure(boxes, ticksFile);
    const third = Math.floor(samples.length / 3);
    const shares = samples.map(({ share }) => share);
    const mbs = samples.map(({ mb }) => mb);
    const highest = Math.max(...mbs);
    const cells = [
      ...[boxes, boxes * workers, `${percent(mean(shares))} (${percent(median(shares))})`],
      ...[percent(mean(shares.slice(0, third))), percent(mean(shares.slice(-third)))],
      ...[highest.toFixed(0), mean(mbs.slice(0, third)).toFixed(0), mean(mbs.slice(-third)).toFixed(0)],
      ...[counted.tickCount, counted.duplicateCount, counted.gaps],
    ];
    console.log(`| ${cells.join(' | ')} |`);
    const whole = counted.tickCount === boxes * workers * (seconds + 1) && counted.gaps === 0;
    if (!whole || mean(shares) > BOUND.share || highest > BOUND.mb) process.exitCode = 1;
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
