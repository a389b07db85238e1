import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { StageDrainJob, StageDrainSnapshot } from './support/stage-job.js';
import { type StageProcess, startStageProcess } from './support/stage-process.js';
import { spread } from './support/stats.js';

/**
 * What the stage costs: CPU of its process alone while raw viewers in another process really receive the stream.
 * A round in which a viewer got less than it should is void and counts for nothing.
 *
 * `node dist-bench/bench/stage.js [--viewers 500] [--seconds 10] [--rounds 3]`, after `npm run build`.
 */
const flag = (name: string, fallback: number): number => {
  const at = process.argv.indexOf(`--${name}`);
  return at < 0 ? fallback : Number(process.argv[at + 1]);
};
const VIEWERS = flag('viewers', 500);
const SECONDS = flag('seconds', 10);
const ROUNDS = flag('rounds', 3);
const BOUND_CORES = 1;
const WANTED_BITS_PER_S = 2_500_000;
/** A beat of one list and one segment each second; what is under way at both ends of the window is not whole. */
const WANTED_REQUESTS_PER_S = 1.95;
/** A process that was busy for so much of the time could do no more. */
const NEARLY_ALL = 0.95;
const JOIN_MS = 4000;
const SETTLE_MS = 3000;

const MIXES = [
  { name: 'all FLV', flvShare: 1 },
  { name: '30 % FLV, 70 % HLS', flvShare: 0.3 },
] as const;

interface Round {
  readonly cores: number;
  readonly rssMb: number;
  readonly drainCores: number;
  /** Share of time in which the viewers' event loop was busy. */
  readonly drainBusyRatio: number;
  readonly drainLagP99Ms: number;
  readonly flvMbitPerS: readonly number[];
  readonly hlsMbitPerS: readonly number[];
  readonly hlsRequestsPerS: number;
  /** Why the figure says nothing; empty if it does. */
  readonly faults: readonly string[];
}

const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;
const least = (values: readonly number[]): number => values.reduce((low, value) => Math.min(low, value));

function snapshotOf(drain: ChildProcess): Promise<StageDrainSnapshot> {
  return new Promise((resolve, reject) => {
    drain.once('message', (message) => resolve(message as StageDrainSnapshot));
    drain.once('exit', () => reject(new Error('the viewers ended early')));
    drain.send('snapshot');
  });
}

async function round(flvShare: number): Promise<Round> {
  const stage = await startStageProcess();
  const flvViewers = Math.round(VIEWERS * flvShare);
  const { flvUrl, hlsUrl } = stage;
  const job: StageDrainJob = {
    ...{ flvUrl, hlsUrl, flvViewers, hlsViewers: VIEWERS - flvViewers, spreadMs: JOIN_MS },
  };
  const main = fileURLToPath(new URL('./support/stage-drain-main.js', import.meta.url));
  const drain = fork(main, [JSON.stringify(job)]);
  try {
    await wait(JOIN_MS + SETTLE_MS);
    return await measure(stage, drain);
  } finally {
    drain.send('stop');
    stage.stop();
  }
}

async function measure(stage: StageProcess, drain: ChildProcess): Promise<Round> {
  const before = await snapshotOf(drain);
  const [cpuBeforeMs, fromMs] = [stage.cpuMs(), performance.now()];
  await wait(SECONDS * 1000);
  const cores = (stage.cpuMs() - cpuBeforeMs) / (performance.now() - fromMs);
  const after = await snapshotOf(drain);
  const spanS = (after.atMs - before.atMs) / 1000;
  const rates = (now: readonly number[], then: readonly number[]): number[] => {
    return now.map((value, index) => (value - (then[index] ?? 0)) / spanS);
  };
  const mbit = (bytesPerS: number): number => (bytesPerS * 8) / 1e6;
  const lists = rates(after.hlsLists, before.hlsLists);
  const segments = rates(after.hlsSegments, before.hlsSegments);
  const measured = {
    ...{ cores, rssMb: stage.rssBytes() / 1e6, drainCores: (after.cpuMs - before.cpuMs) / (spanS * 1000) },
    drainBusyRatio: (after.activeMs - before.activeMs) / (spanS * 1000),
    drainLagP99Ms: after.eventLoopDelayP99Ms,
    flvMbitPerS: rates(after.flvBytes, before.flvBytes).map(mbit),
    hlsMbitPerS: rates(after.hlsBytes, before.hlsBytes).map(mbit),
    hlsRequestsPerS: lists.length === 0 ? 0 : mean(lists) + mean(segments),
  };
  const late = after.lateRounds - before.lateRounds;
  return { ...measured, faults: faultsOf(measured, segments, { failures: after.failures, late }) };
}

function faultsOf(
  measured: Omit<Round, 'faults'>,
  segmentsPerS: readonly number[],
  { failures, late }: { failures: number; late: number },
): string[] {
  const { flvMbitPerS, hlsMbitPerS, hlsRequestsPerS } = measured;
  const wanted = WANTED_BITS_PER_S / 1e6;
  const faults: string[] = [];
  if (failures > 0) faults.push(`${failures} connections failed`);
  if (flvMbitPerS.length > 0 && least(flvMbitPerS) < wanted) {
    faults.push(`an FLV viewer got ${least(flvMbitPerS).toFixed(2)} Mbit/s`);
  }
  if (hlsMbitPerS.length === 0) return faults;
  if (mean(hlsMbitPerS) < wanted) faults.push(`HLS viewers got ${mean(hlsMbitPerS).toFixed(2)} Mbit/s`);
  if (hlsRequestsPerS < WANTED_REQUESTS_PER_S) {
    faults.push(`HLS viewers made ${hlsRequestsPerS.toFixed(2)} requests/s, ${late} rounds late`);
  }
  // One segment may lie across each end of the window.
  const fewest = least(segmentsPerS) * SECONDS;
  if (fewest < SECONDS - 2) faults.push(`an HLS viewer got ${fewest.toFixed(0)} segments in ${SECONDS} s`);
  return faults;
}

function explain(index: number, round: Round): void {
  const { faults, cores, drainCores, drainBusyRatio, drainLagP99Ms } = round;
  const stageWasShort = cores > NEARLY_ALL;
  const drainWasShort = drainBusyRatio > NEARLY_ALL;
  const short = stageWasShort ? 'the stage' : drainWasShort ? "the viewers' process" : 'neither process';
  const busy = `busy ${(drainBusyRatio * 100).toFixed(0)} % of the time, lag p99 ${drainLagP99Ms.toFixed(0)} ms`;
  console.log(`  round ${index + 1} is void: ${faults.join('; ')}`);
  console.log(
    `    ${short} was at its limit: stage ${cores.toFixed(2)} cores, viewers ${drainCores.toFixed(2)} (${busy})`,
  );
}

function report(name: string, rounds: readonly Round[]): boolean {
  const good = rounds.filter(({ faults }) => faults.length === 0);
  console.log(`${name}: ${VIEWERS} viewers, ${good.length} of ${rounds.length} rounds of ${SECONDS} s count`);
  for (const [index, round] of rounds.entries()) if (round.faults.length > 0) explain(index, round);
  if (good.length === 0) {
    console.log('  no figure: every round is void');
    return false;
  }
  const line = (label: string, values: readonly number[], digits = 2): void => {
    console.log(`  ${label.padEnd(34)} ${spread(values, digits)}`);
  };
  line(
    'stage, cores',
    good.map(({ cores }) => cores),
  );
  line(
    'stage, CPU ms per viewer-second',
    good.map(({ cores }) => (cores * 1000) / VIEWERS),
  );
  line(
    'stage, MB resident',
    good.map(({ rssMb }) => rssMb),
    0,
  );
  line(
    'viewers, cores',
    good.map(({ drainCores }) => drainCores),
  );
  const flv = good.flatMap(({ flvMbitPerS }) => flvMbitPerS);
  const hls = good.flatMap(({ hlsMbitPerS }) => hlsMbitPerS);
  if (flv.length > 0) line('Mbit/s of an FLV viewer', flv);
  if (hls.length > 0) line('Mbit/s of an HLS viewer', hls);
  if (hls.length > 0)
    line(
      'requests/s of an HLS viewer',
      good.map(({ hlsRequestsPerS }) => hlsRequestsPerS),
    );
  const holds = good.every(({ cores }) => cores < BOUND_CORES);
  console.log(`  ${holds ? 'holds' : 'DOES NOT HOLD'}: less than ${BOUND_CORES} core`);
  return holds;
}

for (const { name, flvShare } of MIXES) {
  const rounds: Round[] = [];
  for (let count = 0; count < ROUNDS; count++) rounds.push(await round(flvShare));
  if (!report(name, rounds)) process.exitCode = 1;
}
