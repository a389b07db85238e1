import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startStageProcess } from './support/stage-process.js';
import { median } from './support/stats.js';
import { type WholeRun, wholeRun } from './support/whole-run.js';

/**
 * Whole runs of the built command against a stage on this machine: what a full viewer costs (media, three
 * namespaces, chat, shop), and whether that depends on how many there are. The chat rate stays the same, so that
 * every viewer receives the same.
 *
 * `node dist-bench/bench/scale.js [--vus 100,300,500,1000] [--rates 17,50] [--duration 3m] [--rounds 3] [--tries 3]
 *   [--bitrate 2.6M]`
 *
 * A machine that has no room for 1000 viewers and the stage with them can send less video: `--bitrate 600k`.
 * A run in which others took more than a twentieth of the machine is repeated, up to three times, and marked.
 */
const flag = (name: string, fallback: string): string => {
  const at = process.argv.indexOf(`--${name}`);
  return at < 0 ? fallback : (process.argv[at + 1] ?? fallback);
};
const numbers = (text: string): number[] => text.split(',').map(Number);

const SIZES = '100,300,500,1000';
const FOREIGN_LIMIT = 0.05;
const TRIES = Number(flag('tries', '3'));
const duration = flag('duration', '3m');
const rounds = Number(flag('rounds', '3'));

const folder = mkdtempSync(join(tmpdir(), 'dorami-bench-'));
const users = join(folder, 'users.csv');
const mostVus = Math.max(...numbers(flag('vus', SIZES)));
const stage = await startStageProcess([
  ...['--bitrate', flag('bitrate', '2.6M')],
  ...['--users-out', users, '--users-count', `${mostVus}`, '--token-ttl', '24h'],
]);

async function undisturbed(vus: number, ratePerS: number): Promise<{ run: WholeRun; repeated: number }> {
  const chatEveryMs = Math.round((vus / ratePerS) * 1000);
  const flags = [
    '--vus',
    `${vus}`,
    '--target',
    stage.target.apiUrl,
    '--users',
    users,
    '--profile',
    'smoke',
    '--duration',
    duration,
    '--rate',
    `chat=${chatEveryMs}ms`,
  ];
  let repeated = 0;
  let run = await wholeRun(flags, stage.cpuMs);
  while (run.foreignShare > FOREIGN_LIMIT && repeated < TRIES) {
    repeated++;
    run = await wholeRun(flags, stage.cpuMs);
  }
  return { run, repeated };
}

try {
  for (const ratePerS of numbers(flag('rates', '17,50'))) {
    for (const vus of numbers(flag('vus', SIZES))) {
      const runs: WholeRun[] = [];
      let repeatedCount = 0;
      for (let round = 0; round < rounds; round++) {
        const { run, repeated } = await undisturbed(vus, ratePerS);
        runs.push(run);
        repeatedCount += repeated;
      }
      const mid = (pick: (run: WholeRun) => number, digits = 2) => median(runs.map(pick)).toFixed(digits);
      console.log(
        [
          `${vus} VUs, ${ratePerS} messages/s: ${mid((run) => run.cpuMsPerViewerSecond)} ms CPU per viewer-second`,
          `(whole run ${mid((run) => run.wholeCpuMsPerViewerSecond)})`,
          `${mid((run) => run.rssBytes / 1e6, 0)} MB`,
          `${mid((run) => run.deliveriesPerS, 0)} deliveries/s`,
          `worst tick p99 ${mid((run) => run.worstTickDelayMs, 0)} ms, ${mid((run) => run.lateTicks, 0)} of ${mid((run) => run.ticks, 0)} ticks above 50 ms`,
          `others ${mid((run) => run.foreignShare * 100, 1)} %${repeatedCount > 0 ? `, ${repeatedCount} disturbed runs repeated` : ''}`,
          runs.map(({ verdict }) => verdict).join(' | '),
        ].join('; '),
      );
    }
  }
} finally {
  stage.stop();
  rmSync(folder, { recursive: true, force: true });
}
