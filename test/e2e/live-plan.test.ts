import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { type CliResult, measured, runCli, runLoad, startLoad, temporaryOut } from './cli.js';

const ctl = (...words: readonly string[]): Promise<CliResult> => runCli(['ctl', ...words]);

/** Steps that a busy machine spoils are measured again. */
const LONGEST_MS = 150_000;

/** The folder of the one run in `out`. */
function folderIn(out: string): string {
  return join(out, readdirSync(out)[0] ?? '');
}

test.concurrent('a run is paused, scaled, resumed and stopped while it goes, and its verdict says so', async () => {
  const outDir = temporaryOut();
  const run = startLoad(['--vus', '6', '--duration', '20s', '--ctl', '--max-vus', '9', '--no-preflight'], {
    outDir,
  });
  await run.says(/ramp 0:0[4-6]/);
  const folder = folderIn(outDir);
  const paused = await ctl('pause', folder);
  expect([paused.code, paused.stdout], paused.stderr).toEqual([
    0,
    expect.stringMatching(/^paused at 0:\d+ with \d viewers\n/),
  ]);
  expect((await ctl('scale', '10', folder)).reason).toBe(
    'exit 116: this run has no more than 9 viewers (--max-vus)',
  );
  expect((await ctl('scale', '9', folder)).code).toBe(0);
  expect((await ctl('resume', folder)).code).toBe(0);
  await run.says(/9\/9 watching/);
  const status = JSON.parse((await ctl('status', '--json', folder)).stdout) as Record<string, unknown>;
  expect(status).toMatchObject({ state: 'running', joined: 9, wanted: 9, maxVus: 9 });
  const stopped = await ctl('stop', folder);
  expect(stopped.stdout, stopped.stderr).toMatch(/^stopped: all leave now\n/);
  const result = await run.done;
  expect(result.code, result.stderr).toBe(105);
  expect(result.reason).toContain('stopped by ctl stop');
  expect(result.stdout).toMatch(
    /note: paused at[\s\S]*note: scaled at \S+ from \d to 9 viewers[\s\S]*note: resumed at/,
  );
  expect(result.summary?.vus).toMatchObject({ planned: 9, joined: 9 });
  const judged = await runCli(['judge', folder, '--json']);
  expect(JSON.parse(judged.stdout)).toEqual(result.summary);
  expect((await ctl('status', folder)).reason).toContain('is over');
});

test.concurrent('a run that was not asked to takes no orders', async () => {
  const outDir = temporaryOut();
  const run = startLoad(['--vus', '1', '--duration', '3s', '--no-preflight'], { outDir });
  await run.says(/run folder/);
  const refused = await ctl('stop', folderIn(outDir));
  expect([refused.code, refused.reason]).toEqual([
    116,
    expect.stringContaining('it was started without --ctl'),
  ]);
  expect((await run.done).code).not.toBe(105);
});

test.concurrent.each([
  { limit: 'cap-sockets:count=3', mix: 'hls=70,flv=30', cause: 'Sockets ready /' },
  { limit: 'cap-media:count=3', mix: 'hls=0,flv=100', cause: 'Stream start success' },
])(
  'an escalation finds the capacity that was planted, and names its cause: $limit',
  async ({ limit, mix, cause }) => {
    const result = await measured(() =>
      runLoad(
        [
          ...['--profile', 'escalation', '--steps', '2,4', '--time-scale', '0.01', '--target-vus', '4'],
          ...['--stage-fault', limit, '--mix', mix, '--no-preflight'],
        ],
        { timeoutMs: LONGEST_MS },
      ),
    );
    expect(result.code, result.stderr).toBe(99);
    expect(result.reason).toMatch(
      /System breaks at 4 CCU due to [^:]+: \S+ %, wanted > 99 %; it holds 3, 0 % headroom over the target of 4$/,
    );
    expect(result.stdout).toContain(`System breaks at 4 CCU due to ${cause}: `);
    const judged = await runCli(['judge', result.runDir ?? '', '--json']);
    expect(JSON.parse(judged.stdout)).toEqual(result.summary);
  },
  3 * LONGEST_MS,
);
