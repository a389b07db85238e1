import { execFile } from 'node:child_process';
import { createReadStream, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { addTick, createTotals } from '../../src/stats/merge.js';
import { decodeTick } from '../../src/stats/tick-codec.js';
import { createView } from '../../src/stats/view.js';

/** One run of the built command against its own stage, read from what it left behind. */
export interface WholeRun {
  readonly exitCode: number;
  readonly verdict: string;
  /** Chat messages that arrived at the viewers' side, per second of the hold. */
  readonly deliveriesPerS: number;
  /** Of the hold: user and system time of the generator's process, main thread included. */
  readonly cpuMsPerViewerSecond: number;
  /** The same over the whole run, start-up and ramps included. */
  readonly wholeCpuMsPerViewerSecond: number;
  readonly rssBytes: number;
  /** The worst tick of the run: event-loop delay p99 of one worker in one second. */
  readonly worstTickDelayMs: number;
  /** Ticks whose p99 was above 50 ms. */
  readonly lateTicks: number;
  readonly ticks: number;
  /** CPU that others took from this machine meanwhile (the host, other processes), of all its cores, 0 to 1. */
  readonly foreignShare: number;
}

const BIN = fileURLToPath(new URL('../../../bin/dorami-load.js', import.meta.url));
const LATE_TICK_MS = 50;
const CLOCK_TICKS_PER_S = 100;

/**
 * Runs `dorami-load` with `flags` and a run folder of its own, which is removed again. `besidesMs` is the CPU so far
 * of what else belongs to the bench. Linux only (/proc).
 */
export async function wholeRun(flags: readonly string[], besidesMs: () => number): Promise<WholeRun> {
  const out = mkdtempSync(join(tmpdir(), 'dorami-bench-'));
  try {
    const before = cpuOfMachine(besidesMs());
    const { exitCode, stdout } = await command([...flags, '--json', '--quiet', '--out', out]);
    const foreignShare = foreignSince(before, besidesMs());
    const summary = JSON.parse(stdout) as Summary;
    const [folder] = readdirSync(out);
    return {
      exitCode,
      verdict: [summary.verdict, ...summary.invalidReasons.map(({ text }) => text)].join(': '),
      wholeCpuMsPerViewerSecond: summary.generator.cpuMsPerViewerSecond ?? Number.NaN,
      rssBytes: summary.generator.rssBytes ?? Number.NaN,
      foreignShare,
      ...(await readTicks(join(out, folder ?? '', 'ticks.ndjson'))),
    };
  } finally {
    rmSync(out, { recursive: true, force: true });
  }
}

interface Summary {
  readonly verdict: string;
  readonly invalidReasons: readonly { readonly text: string }[];
  readonly generator: { readonly cpuMsPerViewerSecond: number | null; readonly rssBytes: number | null };
}

function command(args: readonly string[]): Promise<{ exitCode: number; stdout: string }> {
  return new Promise((resolve) => {
    const child = execFile(process.execPath, [BIN, ...args], { maxBuffer: 2 ** 26 }, (_, stdout, stderr) => {
      if (stdout === '') process.stderr.write(stderr);
      resolve({ exitCode: child.exitCode ?? -1, stdout });
    });
  });
}

type FromTicks = Pick<
  WholeRun,
  'cpuMsPerViewerSecond' | 'deliveriesPerS' | 'worstTickDelayMs' | 'lateTicks' | 'ticks'
>;

async function readTicks(path: string): Promise<FromTicks> {
  const totals = createTotals();
  let [worstTickDelayMs, lateTicks, ticks, viewerMs, holdMs] = [0, 0, 0, 0, 0];
  for await (const line of createInterface({ input: createReadStream(path, 'utf8') })) {
    const tick = decodeTick(line);
    addTick(totals, tick);
    ticks++;
    const delayMs = tick.gauges.event_loop_delay_p99_ms ?? 0;
    worstTickDelayMs = Math.max(worstTickDelayMs, delayMs);
    if (delayMs > LATE_TICK_MS) lateTicks++;
    if (!Object.keys(tick.counters).some((key) => key.startsWith('played_ms|hold'))) continue;
    viewerMs += (tick.gauges.vus_active_count ?? 0) * (tick.toMs - tick.fromMs);
    if (tick.worker === 0) holdMs += tick.toMs - tick.fromMs;
  }
  const hold = createView(totals, ['hold']);
  return {
    cpuMsPerViewerSecond: (hold.count('generator_cpu_ms') / viewerMs) * 1000,
    deliveriesPerS: (hold.count('chat_delivered_count') / holdMs) * 1000,
    worstTickDelayMs,
    lateTicks,
    ticks,
  };
}

interface MachineCpu {
  readonly allS: number;
  readonly idleS: number;
  /** Of this process, of its children that have ended, and of what else belongs to it. */
  readonly ownS: number;
}

function cpuOfMachine(besidesMs: number): MachineCpu {
  const [first = ''] = readFileSync('/proc/stat', 'latin1').split('\n');
  const fields = first.trim().split(/\s+/).slice(1, 9).map(Number);
  const stat = readFileSync('/proc/self/stat', 'latin1');
  const own = stat
    .slice(stat.lastIndexOf(')') + 2)
    .split(' ')
    .slice(11, 15)
    .map(Number);
  const seconds = (ticks: readonly number[]) => ticks.reduce((sum, n) => sum + n, 0) / CLOCK_TICKS_PER_S;
  return { allS: seconds(fields), idleS: seconds(fields.slice(3, 5)), ownS: seconds(own) + besidesMs / 1000 };
}

function foreignSince(before: MachineCpu, besidesMs: number): number {
  const now = cpuOfMachine(besidesMs);
  const allS = now.allS - before.allS;
  return (allS - (now.idleS - before.idleS) - (now.ownS - before.ownS)) / allS;
}
