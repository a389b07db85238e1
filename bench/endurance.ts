import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type StageProcess, startStageProcess } from './support/stage-process.js';
import { median } from './support/stats.js';
import { type Sample, slopePerHour } from './support/trend.js';

/**
 * Does a long run keep its memory and its descriptors? One run of the built command inside this process, against a
 * stage in a process of its own; both are looked at every 5 s.
 *
 * `node dist-bench/bench/endurance.js [--vus 100] [--duration 20m] [--warm-up-minutes 3]`
 *
 * Memory is flat when the trend (Theil-Sen, which a few peaks do not move) after the warm-up would have added less
 * than 5 % of the median over the time that was looked at.
 */
const flag = (name: string, fallback: string): string => {
  const at = process.argv.indexOf(`--${name}`);
  return at < 0 ? fallback : (process.argv[at + 1] ?? fallback);
};
const vus = Number(flag('vus', '100'));
const duration = flag('duration', '20m');
const warmUpMs = Number(flag('warm-up-minutes', '3')) * 60_000;
const EVERY_MS = 5000;
const GROWTH_LIMIT = 0.05;
/** Sockets that were just closed are gone from /proc a moment later. */
const SETTLE_MS = 2000;

const openFiles = (): number => readdirSync('/proc/self/fd').length;

interface Row {
  readonly name: string;
  readonly read: () => number;
  readonly samples: Sample[];
}

function report({ name, samples }: Row): boolean {
  const steady = samples.filter(({ atMs }) => atMs >= warmUpMs);
  const values = steady.map(({ value }) => value);
  const typical = median(values);
  const perHour = slopePerHour(steady);
  const hours = ((steady.at(-1)?.atMs ?? 0) - (steady[0]?.atMs ?? 0)) / 3_600_000;
  const growth = (perHour * hours) / typical;
  const mb = (bytes: number): string => (bytes / 1e6).toFixed(1);
  const flat = growth < GROWTH_LIMIT;
  console.log(
    `${name}: median ${mb(typical)} MB (${mb(Math.min(...values))} to ${mb(Math.max(...values))}, ${values.length} samples over ${(hours * 60).toFixed(1)} min), ` +
      `trend ${mb(perHour)} MB per hour = ${(growth * 100).toFixed(1)} % over that time: ${flat ? 'flat' : 'GROWS'}`,
  );
  return flat;
}

async function usersFile(stage: StageProcess, folder: string): Promise<string> {
  const answer = await fetch(`${stage.usersUrl}?count=${vus}`);
  const users = (await answer.json()) as { userId: string; accessToken: string }[];
  const path = join(folder, 'users.csv');
  const rows = users.map(({ userId, accessToken }) => `${userId},${accessToken}`);
  writeFileSync(path, ['userId,accessToken', ...rows, ''].join('\n'), { mode: 0o600 });
  return path;
}

const folder = mkdtempSync(join(tmpdir(), 'dorami-load-endurance-'));
const stage = await startStageProcess();
try {
  const users = await usersFile(stage, folder);
  const { main } = (await import(new URL('../../dist/cli.js', import.meta.url).href)) as {
    main(argv: readonly string[], env: NodeJS.ProcessEnv): Promise<number>;
  };
  const filesBefore = { generator: openFiles(), stage: stage.openFiles() };
  const rows: Row[] = [
    { name: 'generator, resident', read: () => process.memoryUsage.rss(), samples: [] },
    { name: 'stage, resident', read: () => stage.rssBytes(), samples: [] },
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
  const code = await main(
    ['run', ...where, '--vus', `${vus}`, '--duration', duration, '--out', folder, '--quiet'],
    process.env,
  );
  clearInterval(timer);
  await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
  const filesAfter = { generator: openFiles(), stage: stage.openFiles() };
  console.log(`${vus} VUs for ${duration}, exit ${code}`);
  const flat = rows.map(report).every(Boolean);
  for (const who of ['generator', 'stage'] as const) {
    console.log(`${who}, descriptors: ${filesBefore[who]} before, ${filesAfter[who]} after`);
  }
  console.log(
    `generator, descriptors during the run: median ${median(filesSeen)}, most ${Math.max(...filesSeen)}`,
  );
  const back = filesAfter.generator <= filesBefore.generator && filesAfter.stage <= filesBefore.stage;
  if (!flat || !back || code !== 0) process.exitCode = 1;
} finally {
  stage.stop();
  rmSync(folder, { recursive: true, force: true });
}
