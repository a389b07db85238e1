import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startStageProcess } from './support/stage-process.js';
import { median } from './support/stats.js';
import { wholeRun } from './support/whole-run.js';

/**
 * What following viewers costs: whole runs of the built command in turn, without and with traces, against a stage of
 * its own. Two of 500 are too few to be seen beside the noise of a machine, so that many of few are followed; what two
 * of 500 cost follows from it, since a viewer that is not followed has no tap.
 *
 * `node dist-bench/bench/trace.js [--vus 60] [--traced 20] [--duration 20s] [--rounds 7] [--rate 17]`
 */
const flag = (name: string, fallback: string): string => {
  const at = process.argv.indexOf(`--${name}`);
  return at < 0 ? fallback : (process.argv[at + 1] ?? fallback);
};
const vus = Number(flag('vus', '60'));
const traced = Number(flag('traced', '20'));
const rounds = Number(flag('rounds', '7'));
const ratePerS = Number(flag('rate', '17'));
const OF_ALL = 500;
const FOLLOWED = 2;

const folder = mkdtempSync(join(tmpdir(), 'dorami-bench-'));
const users = join(folder, 'users.csv');
const stage = await startStageProcess([
  '--users-out',
  users,
  '--users-count',
  `${vus}`,
  '--token-ttl',
  '24h',
]);

async function cpuMs(follow: number): Promise<number> {
  const flags = [
    ...['--vus', `${vus}`, '--target', stage.target.apiUrl, '--users', users, '--profile', 'smoke'],
    ...['--duration', flag('duration', '20s'), '--no-preflight'],
    ...['--rate', `chat=${Math.round((vus / ratePerS) * 1000)}ms`],
    ...(follow > 0 ? ['--trace-vu', Array.from({ length: follow }, (_, vu) => vu).join(',')] : []),
  ];
  return (await wholeRun(flags, stage.cpuMs)).cpuMsPerViewerSecond;
}

try {
  const plain: number[] = [];
  const followed: number[] = [];
  for (let round = 0; round < rounds; round++) {
    // Whoever comes first finds the machine as the other one left it: they take turns.
    const order = round % 2 === 0 ? [0, traced] : [traced, 0];
    for (const follow of order) (follow === 0 ? plain : followed).push(await cpuMs(follow));
    console.log(
      `round ${round + 1}: ${plain.at(-1)?.toFixed(3)} without, ${followed.at(-1)?.toFixed(3)} with`,
    );
  }
  const extra = median(followed.map((ms, round) => ms - (plain[round] ?? Number.NaN)));
  const perTraced = (extra * vus) / traced;
  const base = median(plain);
  console.log(
    [
      `${vus} VUs, ${ratePerS} chat messages/s: ${base.toFixed(2)} ms CPU per viewer-second`,
      `with ${traced} followed ${median(followed).toFixed(2)}, ratio ${(median(followed) / base).toFixed(3)}`,
      `a followed viewer costs ${perTraced.toFixed(2)} ms per second more`,
      `so ${FOLLOWED} of ${OF_ALL} cost ${(((FOLLOWED * perTraced) / (OF_ALL * base)) * 100).toFixed(2)} % more`,
    ].join('; '),
  );
} finally {
  stage.stop();
  rmSync(folder, { recursive: true, force: true });
}
