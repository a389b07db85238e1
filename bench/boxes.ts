import { type ChildProcess, spawn } from 'node:child_process';
import {
  createReadStream,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { startEmbeddedBroker } from '../src/cluster/embedded-broker.js';
import type { BoxesJob } from './support/boxes-job.js';
import { median } from './support/stats.js';

/**
 * What the coordinator of a run over many load boxes costs: boxes with recorded ticks, a real broker, and the command as a
 * user starts it, whose CPU and memory are looked at every second.
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
  readonly counted: Counted;
}

interface Counted {
  readonly ticks: number;
  /** Ticks that stand in the folder once more. */
  readonly twice: number;
  /** Numbers that are missing before the last one of a worker. */
  readonly missing: number;
}

const VIEWERS_PER_BOX = 100;
/** The command waits for its boxes before run time begins. */
const BEGIN_MS = 90_000;

async function measure(boxes: number, ticksFile: string): Promise<Measured> {
  const broker = await startEmbeddedBroker();
  const out = join(folder, `runs-${boxes}`);
  const job: BoxesJob = { url: broker.url, boxes, workers, seconds, ticksFile, version };
  const main = fileURLToPath(new URL('support/boxes-main.js', import.meta.url));
  const crowd = spawn(process.execPath, [main, JSON.stringify(job)], { stdio: ['pipe', 'pipe', 'inherit'] });
  try {
    await firstLine(crowd);
    const profile = flag('cpu-prof', '');
    const head = spawn(
      process.execPath,
      [
        ...(profile === '' ? [] : ['--cpu-prof', `--cpu-prof-dir=${profile}`]),
        ...[
          join(ROOT, 'bin/dorami-load.js'),
          'run',
          '--target',
          'http://127.0.0.1:9',
          '--stream-key',
          'none',
        ],
        ...['--no-preflight', '--agents', `${boxes}`, '--vus', `${boxes * VIEWERS_PER_BOX}`, '--out', out],
        ...['--duration', `${seconds + 20}s`],
      ],
      {
        stdio: ['ignore', 'ignore', 'pipe'],
        env: { ...process.env, DORAMI_LOAD_NATS: broker.url },
        cwd: folder,
      },
    );
    let said = '';
    head.stderr.setEncoding('utf8').on('data', (text: string) => {
      said = `${said}${text}`.slice(-4000);
    });
    const ended = new Promise<void>((resolve) => head.once('exit', () => resolve()));
    const run = await Promise.race([begun(out), ended.then(() => undefined)]);
    if (run === undefined) throw new Error(`the run did not begin: ${said}`);
    const samples = await watch(head);
    await ended;
    return { samples, counted: await countedIn(join(run, 'ticks.ndjson')) };
  } finally {
    crowd.stdin?.end();
    await new Promise((resolve) => crowd.once('exit', resolve));
    await broker.close();
  }
}

/** The folder of the run, as soon as its time has begun. */
async function begun(out: string): Promise<string | undefined> {
  for (const untilMs = Date.now() + BEGIN_MS; Date.now() < untilMs; await delay(100)) {
    const [name] = existsSync(out) ? readdirSync(out) : [];
    if (name !== undefined && existsSync(join(out, name, 'run.json'))) return join(out, name);
  }
  return undefined;
}

async function countedIn(path: string): Promise<Counted> {
  const seen = new Map<string, Set<number>>();
  let twice = 0;
  let ticks = 0;
  for await (const line of createInterface({ input: createReadStream(path, 'latin1') })) {
    const [, box, worker, seq] = /"box":"([^"]+)","worker":(\d+),"seq":(\d+)/.exec(line) ?? [];
    if (seq === undefined) continue;
    const key = `${box}/${worker}`;
    const numbers = seen.get(key) ?? new Set<number>();
    seen.set(key, numbers);
    if (numbers.has(Number(seq))) twice += 1;
    numbers.add(Number(seq));
    ticks += 1;
  }
  const missing = [...seen.values()].reduce(
    (sum, numbers) => sum + Math.max(...numbers) + 1 - numbers.size,
    0,
  );
  return { ticks, twice, missing };
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
    '| boxes | ticks/s | CPU of one core, mean (median) | first third | last third | MB resident, highest | first third | last third | ticks | twice | missing |',
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
      ...[counted.ticks, counted.twice, counted.missing],
    ];
    console.log(`| ${cells.join(' | ')} |`);
    const whole = counted.ticks === boxes * workers * (seconds + 1) && counted.twice + counted.missing === 0;
    if (!whole || mean(shares) > BOUND.share || highest > BOUND.mb) process.exitCode = 1;
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
