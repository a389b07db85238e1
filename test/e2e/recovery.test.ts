import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { type CliResult, kpi, runLoad, startLoad, temporaryOut } from './cli.js';

/** A profile with one fault, drawn short; what is judged is the recovery alone. */
function profile(fault: string, rows: string): string {
  const path = join(temporaryOut(), 'one-fault.yaml');
  const stages = [
    ['ramp', 'ramp', '2s', 0],
    ['settle', 'hold', '6s', 1],
    ['broken', 'fault', '14s', 1],
  ].map(
    ([name, role, span, from]) => `  - {name: ${name}, role: ${role}, for: ${span}, from: ${from}, to: 1}`,
  );
  const flow = (line: string): string => line.replace(/\{(.*)\}/, (_, body: string) => body);
  const block = stages.map((line) => {
    const [first = '', ...rest] = flow(line).replace('  - ', '').split(', ');
    return [`  - ${first}`, ...rest.map((pair) => `    ${pair}`)].join('\n');
  });
  const text = ['title: one fault', 'stages:', ...block, 'faults:', fault, `judges: [${rows}]`, ''];
  writeFileSync(path, text.join('\n'));
  return path;
}

const PARTITION = [
  '  - name: cut',
  '    stage: broken',
  '    do:',
  '      network: partition',
  '    for: 2s',
].join('\n');
const RESET = ['  - name: cut', '    stage: broken', '    do:', '      network: reset'].join('\n');
const ROWS = 'recovered_network, rooms_repopulated';

function run(fault: string, rows: string, ...more: string[]): Promise<CliResult> {
  // What became of the viewers is told whether or not this machine was busy meanwhile.
  return runLoad(['--profile', profile(fault, rows), '--vus', '6', '--no-preflight', ...more]);
}

test('viewers recover from a partition and from a reset of a platform that is well', async () => {
  const results = await Promise.all([run(PARTITION, ROWS), run(RESET, ROWS)]);
  for (const result of results) {
    expect(kpi(result, 'recovered_network').value, result.stderr).toBe(100);
    expect(kpi(result, 'rooms_repopulated').value).toBe(100);
  }
}, 120_000);

test('a platform that does not come back fails the row that says so', async () => {
  const [refused, roomless] = await Promise.all([
    run(RESET, ROWS, '--stage-fault', 'refuse-sockets:at=7.5'),
    run(PARTITION, ROWS, '--stage-fault', 'lose-rooms:at=9'),
  ]);
  expect(kpi(refused, 'recovered_network')).toMatchObject({ status: 'fail', value: 0 });
  expect(kpi(roomless, 'recovered_network').value).toBe(100);
  expect(kpi(roomless, 'rooms_repopulated')).toMatchObject({ status: 'fail', value: 0 });
}, 120_000);

/** The publisher is gone for 3 s, of a platform that waits for 1 s; its return is waited for 10 s. */
const LONG_LOSS = [
  '  - name: drop',
  '    stage: broken',
  '    do:',
  '      publisher: stop',
  '    for: 3s',
  '    grace: 1s',
].join('\n');
const KILL = ['  - name: kill', '    stage: broken', '    do:', '      media: kill', '    for: 3s'].join(
  '\n',
);
const LOSS_ROWS = 'stream_ended_heard, stream_states, viewers_lost';
const SHORT_GRACE = ['--stage-fault', 'short-grace'] as const;

test('a stream that ends and comes back is heard and seen; a platform that does not say so fails its row', async () => {
  const [well, mute, offline] = await Promise.all([
    run(LONG_LOSS, LOSS_ROWS, ...SHORT_GRACE),
    run(LONG_LOSS, LOSS_ROWS, ...SHORT_GRACE, '--stage-fault', 'mute-end'),
    run(LONG_LOSS, LOSS_ROWS, ...SHORT_GRACE, '--stage-fault', 'stays-offline:at=7'),
  ]);
  expect(kpi(well, 'stream_ended_heard').value, well.stderr).toBe(100);
  expect(kpi(well, 'stream_states').value).toBe(100);
  expect(kpi(mute, 'stream_ended_heard')).toMatchObject({ status: 'fail', value: 0 });
  expect(kpi(mute, 'stream_states').value).toBe(100);
  expect(kpi(offline, 'stream_ended_heard').value).toBe(100);
  expect(kpi(offline, 'stream_states')).toMatchObject({ status: 'fail', value: 50 });
}, 120_000);

test('a media server that is killed takes the FLV viewers of this page for good, and the HLS viewers for a moment', async () => {
  const rows = 'media_answers_again, resumed_media, viewers_lost';
  const [hls, flv] = await Promise.all([
    run(KILL, rows, '--mix', 'hls=100'),
    run(KILL, rows, '--mix', 'flv=100'),
  ]);
  expect(kpi(hls, 'resumed_media').value, hls.stderr).toBe(100);
  expect(kpi(flv, 'resumed_media')).toMatchObject({ status: 'fail', value: 0 });
  // Its own row is advisory: nothing else would fail by viewers who never come back.
  expect(kpi(flv, 'viewers_lost')).toMatchObject({ status: 'fail', value: 6, beside: { toFaults: 6 } });
}, 120_000);

test('a command that breaks something is undone although the run is killed', async () => {
  const folder = temporaryOut();
  const broken = join(folder, 'broken');
  const fault = [
    '  - name: file',
    '    stage: broken',
    '    do:',
    `      run: touch ${broken}`,
    `      undo: rm ${broken}`,
    '    for: 10m',
  ].join('\n');
  const long = profile(fault, 'viewers_lost');
  writeFileSync(long, readFileSync(long, 'utf8').replace('for: 14s', 'for: 11m'));
  const load = startLoad(['--profile', long, '--vus', '1', '--no-preflight'], { outDir: folder });
  await until(() => existsSync(broken));
  load.signal('SIGKILL');
  await load.done;
  await until(() => !existsSync(broken));
}, 100_000);

async function until(condition: () => boolean): Promise<void> {
  const endMs = performance.now() + 40_000;
  while (!condition()) {
    if (performance.now() > endMs) throw new Error('it did not come to that');
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
