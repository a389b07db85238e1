import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Target } from '../../src/target.js';
import { browserStory } from './browser/browser-story.js';
import type { BrowserDriver, PreparedPage, ViewerPage } from './browser/driver.js';
import type { RawLog } from './browser/raw-log.js';
import type { SessionUrls } from './origin/origin.js';
import type { OriginClient } from './origin/origin-process.js';
import type { SessionReport } from './origin/session.js';
import { ourStory } from './ours/our-story.js';
import type { OursProcess } from './ours/ours-process.js';
import type { OurRaw } from './ours/raw.js';
import { OUR_SIDES } from './ours/variants.js';
import { rounded } from './rounded.js';
import type { Condition } from './script.js';
import type { FidelityProtocol, RunRecord, Side, Story } from './story.js';
import type { Turns } from './turns.js';

export type Libraries = RunRecord['libraries'];

/** The parts that every run of a bench shares. */
export interface Bench {
  readonly origin: OriginClient;
  readonly browser: BrowserDriver;
  readonly ours: OursProcess;
  /** What plays while a page warms up. */
  readonly ample: Readonly<Record<FidelityProtocol, Condition>>;
  readonly modelVersion: string;
  /** Opening a page and starting a player keeps the cores busy: one run at a time does. */
  readonly turns: Turns;
  /** Where the raw logs of each run go, for whoever mends the model. */
  readonly rawFolder?: string;
}

export interface RunJob {
  readonly condition: Condition;
  readonly repeat: number;
  readonly libraries: Libraries;
  readonly inParallel: number;
}

const SCRIPTS: Readonly<Record<Libraries, readonly string[]>> = {
  page: ['/page/lib/hls.js', '/page/lib/mpegts.js'],
  newest: ['/page/lib/hls-newest.js', '/page/lib/mpegts-newest.js'],
};
/** A throw-away session first: the decoder, the workers and the code of the libraries are warm. */
const WARM_UP_MS = 2500;
const SETTLE_MS = 300;
/** After this long a player has started, and another run may open its page. */
const START_MS = 1500;
const OUR_START_MS = 150;

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Runs a condition once: a browser's page and three viewers of ours begin at the same moment. */
export async function oneRun(bench: Bench, job: RunJob): Promise<RunRecord> {
  const startedEpochMs = Date.now();
  const page = await bench.turns.take(() =>
    bench.browser.openPage(`${bench.origin.url}/page/page/page.html`),
  );
  try {
    const prepared = await bench.turns.take(async () => {
      const answer = await page.prepare(SCRIPTS[job.libraries]);
      await warmUp(bench, page, job.condition);
      return answer;
    });
    return await record(bench, page, prepared, job, startedEpochMs);
  } finally {
    await page.close().catch(() => {});
  }
}

async function warmUp(bench: Bench, page: ViewerPage, { protocol }: Condition): Promise<void> {
  const session = await bench.origin.openSession({ condition: bench.ample[protocol], side: 'browser' });
  await page.start({ protocol, flvUrl: session.flvUrl, hlsUrl: session.hlsUrl });
  await sleep(WARM_UP_MS);
  await page.finish();
  await bench.origin.closeSession(session.key);
  await sleep(SETTLE_MS);
}

async function record(
  bench: Bench,
  page: ViewerPage,
  prepared: PreparedPage,
  job: RunJob,
  startedEpochMs: number,
): Promise<RunRecord> {
  const { condition, libraries } = job;
  const { origin } = bench;
  const begun = await bench.turns.take(() => begin(bench, page, job));
  const finish = async <T>({ dueAtMs, finish: end }: Begun<T>): Promise<T> => {
    await sleep(Math.max(0, dueAtMs - performance.now()));
    return await end();
  };
  const [raw, ourRaws] = await Promise.all([finish(begun.theirs), Promise.all(begun.ours.map(finish))]);
  const report = await origin.report(begun.theirs.key);
  const ourReports = await Promise.all(begun.ours.map(({ key }) => origin.report(key)));
  if (bench.rawFolder !== undefined)
    keepRaw(bench.rawFolder, job, { raw, ourRaws, report, prepared, ourReports });
  await Promise.all([begun.theirs, ...begun.ours].map(({ key }) => origin.closeSession(key)));
  const { versions } = prepared;
  return rounded({
    condition: condition.id,
    seed: condition.seed,
    modelVersion: bench.modelVersion,
    repeat: job.repeat,
    libraries,
    libraryVersion:
      condition.protocol === 'flv'
        ? `mpegts.js ${versions.mpegts}, hls.js ${versions.hls}`
        : `hls.js ${versions.hls}`,
    chromium: bench.browser.version,
    startedEpochMs,
    inParallel: job.inParallel,
    originLagMs: Math.max(report.lagMs, ...ourReports.map(({ lagMs }) => lagMs)),
    ourLagMs: Math.max(...ourRaws.map(({ lagMs }) => lagMs)),
    pageLagMs: longestGapMs(raw),
    stories: [
      theirStory(raw, report, prepared),
      ...ourRaws.map((ourRaw, i) => ourStoryOf(ourRaw, ourReports[i] as SessionReport)),
    ],
  });
}

/** One viewer that plays. */
interface Begun<T> {
  readonly key: string;
  /** End of the run, on `performance.now()`. */
  readonly dueAtMs: number;
  finish(): Promise<T>;
}

/**
 * First the browser begins, then our viewers, one after another: every session's stream counts from its own
 * zero, so they see the same, and none takes the cores from another's first picture. Resolves when all have
 * started.
 */
async function begin(
  { origin, ours }: Bench,
  page: ViewerPage,
  { condition, libraries }: RunJob,
): Promise<{ readonly theirs: Begun<RawLog>; readonly ours: readonly Begun<OurRaw>[] }> {
  const { protocol, durationMs } = condition;
  const open = (side: Side) => origin.openSession({ condition, side });
  const [session, ...ourSessions] = await Promise.all((['browser', ...OUR_SIDES] as const).map(open));
  await sleep(SETTLE_MS);
  const { key, flvUrl, hlsUrl } = session as SessionUrls;
  const theirs = { key, dueAtMs: performance.now() + durationMs, finish: () => page.finish() };
  await page.start({ protocol, flvUrl, hlsUrl });
  await sleep(START_MS);
  const begun: Begun<OurRaw>[] = [];
  for (const [i, side] of OUR_SIDES.entries()) {
    const urls = ourSessions[i] as SessionUrls;
    const id = ours.start({ side, libraries, startWith: protocol, target: targetOf(origin.url, urls) });
    const dueAtMs = performance.now() + durationMs;
    begun.push({ key: urls.key, dueAtMs, finish: () => ours.finish(id) });
    await sleep(OUR_START_MS);
  }
  return { theirs, ours: begun };
}

function targetOf(baseUrl: string, { key }: SessionUrls): Target {
  return { apiUrl: baseUrl, socketUrl: baseUrl, flvUrl: baseUrl, hlsUrl: baseUrl, streamKey: key };
}

/** Throws when the page never asked for media: then there is no zero. */
function theirStory(raw: RawLog, report: SessionReport, prepared: PreparedPage): Story {
  if (report.zeroMonotonicMs === undefined) throw new Error('the page asked for no media');
  return browserStory(raw, {
    zeroMs: report.zeroMonotonicMs - prepared.offsetMs,
    captureMs: (frame) => report.captureMs(frame),
  });
}

function ourStoryOf(raw: OurRaw, report: SessionReport): Story {
  if (report.zeroMonotonicMs === undefined) throw new Error('our viewer asked for no media');
  return ourStory(raw, report.zeroMonotonicMs);
}

function longestGapMs(raw: RawLog): number {
  return raw.ticks.reduce((most, [ms], i) => Math.max(most, ms - (raw.ticks[i - 1]?.[0] ?? ms)), 0);
}

function keepRaw(folder: string, { condition, repeat }: RunJob, raw: unknown): void {
  writeFileSync(join(folder, `${condition.id}-${repeat}.json`), JSON.stringify(raw));
}
