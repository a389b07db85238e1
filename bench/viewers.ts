import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { Target } from '../src/target.js';
import type { BenchMode, BenchResult } from './support/job.js';
import { startStageProcess } from './support/stage-process.js';
import { median, spread } from './support/stats.js';

/**
 * What a viewer costs: CPU of the generator's process per viewer-second beside a bare socket drain of the same
 * streams from the same origin, in turn, and memory per viewer. Every figure is a median of rounds; the bounds
 * are ratios within one run, so that a slow machine does not matter.
 *
 * `node dist-bench/bench/viewers.js [--viewers 300] [--seconds 8] [--rounds 5] [--only flv|hls|flat]`
 */
const flag = (name: string, fallback: number): number => {
  const at = process.argv.indexOf(`--${name}`);
  return at < 0 ? fallback : Number(process.argv[at + 1]);
};
const VIEWERS = flag('viewers', 300);
const SECONDS = flag('seconds', 8);
const ROUNDS = flag('rounds', 5);
const ONLY = process.argv[process.argv.indexOf('--only') + 1];
const wanted = (part: (typeof PARTS)[number]): boolean => !process.argv.includes('--only') || ONLY === part;
/** FLV viewer against drain, HLS viewer against drain. */
const BOUNDS = { flv: 1.6, hls: 3.5 };
const EXPECTED_BITS_PER_S = 2_600_000;
const SETTLE_SECONDS = 4;
/** After this long a process does the same work at the same cost. */
const STEADY_SECONDS = 20;
const FEW = 50;
const MANY = 200;
const PARTS = ['flv', 'hls', 'flat'] as const;

const here = (file: string) => fileURLToPath(new URL(file, import.meta.url));

async function measure(
  mode: BenchMode,
  viewers: number,
  target: Target,
  settleSeconds = SETTLE_SECONDS,
): Promise<BenchResult> {
  const job = JSON.stringify({ mode, viewers, settleSeconds, seconds: SECONDS, target });
  const { stdout, stderr } = await promisify(execFile)(process.execPath, [
    here('./support/generator-main.js'),
    job,
  ]);
  if (stderr !== '') process.stderr.write(stderr);
  const result = JSON.parse(stdout) as BenchResult;
  const share = result.bitsPerSPerViewer / EXPECTED_BITS_PER_S;
  // A figure for work that was not done is worse than none.
  if (result.failures > 0) throw new Error(`${mode}: ${result.failures} viewers failed`);
  if (share < 0.9 || share > 1.15)
    throw new Error(
      `${mode}: ${Math.round(result.bitsPerSPerViewer)} bit/s per viewer, wanted about ${EXPECTED_BITS_PER_S}`,
    );
  return result;
}

async function compare(protocol: 'flv' | 'hls', target: Target): Promise<boolean> {
  const viewer: BenchResult[] = [];
  const drain: BenchResult[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    viewer.push(await measure(`${protocol}-viewer`, VIEWERS, target));
    drain.push(await measure(`${protocol}-drain`, VIEWERS, target));
  }
  const cost = (results: BenchResult[]) => results.map((r) => r.cpuMsPerViewerSecond);
  const ratios = viewer.map(
    (r, i) => r.cpuMsPerViewerSecond / (drain[i]?.cpuMsPerViewerSecond ?? Number.NaN),
  );
  const kbPerVu = viewer.map((r) => (r.rssBytes - r.rssEmptyBytes) / 1000 / VIEWERS);
  const unit = protocol === 'flv' ? 'tags' : 'segments';
  console.log(`${protocol}: ${VIEWERS} viewers, ${ROUNDS} rounds of ${SECONDS} s, median (min to max)`);
  console.log(`  viewer  ${spread(cost(viewer))} CPU ms per viewer-second, ${spread(kbPerVu, 0)} KB per VU`);
  console.log(
    `          ${spread(
      viewer.map((r) => r.unitsPerViewerSecond),
      1,
    )} ${unit} per viewer-second`,
  );
  console.log(`  drain   ${spread(cost(drain))} CPU ms per viewer-second`);
  console.log(`  ratio   ${spread(ratios)}, bound ${BOUNDS[protocol]}`);
  return median(ratios) <= BOUNDS[protocol];
}

/**
 * The cost per viewer must not depend on how many there are. A process that is nearly idle pays more for each
 * wake-up, whatever it does then: so the drain is measured at both sizes, too, and the ratio of ratios printed.
 */
async function flatness(protocol: 'flv' | 'hls', target: Target): Promise<void> {
  const costs = { viewerFew: [], viewerMany: [], drainFew: [], drainMany: [] } as Record<string, number[]>;
  const note = async (name: string, mode: BenchMode, viewers: number): Promise<void> => {
    costs[name]?.push((await measure(mode, viewers, target, STEADY_SECONDS)).cpuMsPerViewerSecond);
  };
  for (let round = 0; round < ROUNDS; round++) {
    await note('viewerFew', `${protocol}-viewer`, FEW);
    await note('viewerMany', `${protocol}-viewer`, MANY);
    await note('drainFew', `${protocol}-drain`, FEW);
    await note('drainMany', `${protocol}-drain`, MANY);
  }
  const of = (name: string): number[] => costs[name] ?? [];
  const ratios = (many: string, few: string) => of(many).map((cost, i) => cost / (of(few)[i] ?? Number.NaN));
  console.log(`${protocol}: CPU ms per viewer-second with ${FEW} and with ${MANY} viewers`);
  console.log(
    `  viewer  ${spread(of('viewerFew'))} and ${spread(of('viewerMany'))}, ratio ${spread(ratios('viewerMany', 'viewerFew'))}`,
  );
  console.log(
    `  drain   ${spread(of('drainFew'))} and ${spread(of('drainMany'))}, ratio ${spread(ratios('drainMany', 'drainFew'))}`,
  );
}

const stage = await startStageProcess();
const { target } = stage;
try {
  const flvHolds = !wanted('flv') || (await compare('flv', target));
  const hlsHolds = !wanted('hls') || (await compare('hls', target));
  if (wanted('flat')) {
    await flatness('flv', target);
    await flatness('hls', target);
  }
  if (!flvHolds || !hlsHolds) {
    console.log('a bound does not hold');
    process.exitCode = 1;
  }
} finally {
  stage.stop();
}
