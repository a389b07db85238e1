import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { FanoutJob, FanoutMode, FanoutResult } from './support/fanout-job.js';
import { startStageProcess } from './support/stage-process.js';
import { spread } from './support/stats.js';

/**
 * What receiving the chat costs: every message of the room comes to every viewer. Whole viewers without a player
 * (three namespaces, messages decoded, timed and recorded) beside the bare client library that subtracts two times,
 * in turn, against the same stage.
 *
 * `node dist-bench/bench/fanout.js [--viewers 300] [--rate 50] [--seconds 8] [--rounds 5]`
 */
const flag = (name: string, fallback: number): number => {
  const at = process.argv.indexOf(`--${name}`);
  return at < 0 ? fallback : Number(process.argv[at + 1]);
};
const VIEWERS = flag('viewers', 300);
const RATE_PER_S = flag('rate', 50);
const SETTLE_SECONDS = 10;

const main = fileURLToPath(new URL('./support/fanout-main.js', import.meta.url));
const stage = await startStageProcess();

async function measure(mode: FanoutMode): Promise<FanoutResult> {
  const job: FanoutJob = {
    mode,
    target: stage.target,
    viewers: VIEWERS,
    usersUrl: stage.usersUrl,
    chatEveryMs: (VIEWERS / RATE_PER_S) * 1000,
    settleSeconds: SETTLE_SECONDS,
    seconds: flag('seconds', 8),
  };
  const { stdout, stderr } = await promisify(execFile)(process.execPath, [main, JSON.stringify(job)]);
  if (stderr !== '') process.stderr.write(stderr);
  const result = JSON.parse(stdout) as FanoutResult;
  const share = result.deliveriesPerS / (result.sentPerS * VIEWERS);
  // A figure for work that was not done is worse than none.
  if (!(share > 0.97 && share < 1.03 && result.sentPerS > RATE_PER_S * 0.8)) {
    throw new Error(`${mode}: ${JSON.stringify(result)}, ${share.toFixed(3)} of the messages arrived`);
  }
  return result;
}

try {
  const results: Record<FanoutMode, FanoutResult[]> = { ours: [], plain: [] };
  for (let round = 0; round < flag('rounds', 5); round++) {
    for (const mode of ['ours', 'plain'] as const) results[mode].push(await measure(mode));
  }
  const costUs = (rows: readonly FanoutResult[]) =>
    rows.map((row) => (row.cpuMsPerSecond * 1000) / row.deliveriesPerS);
  const [ours, plain] = [costUs(results.ours), costUs(results.plain)];
  console.log(`${VIEWERS} viewers, ${RATE_PER_S} messages/s: CPU microseconds per message and receiver`);
  console.log(`  viewers ${spread(ours)}`);
  console.log(`  library ${spread(plain)}`);
  console.log(`  ratio   ${spread(ours.map((us, i) => us / (plain[i] ?? Number.NaN)))}`);
} finally {
  stage.stop();
}
