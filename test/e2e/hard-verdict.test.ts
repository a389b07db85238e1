import { readdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { kpi, measured, runCli, runLoad } from './cli.js';
import { startStage } from './stage.js';

test.concurrent('judging a finished run gives its own summary, twice, and leaves the folder as it is', async () => {
  const result = await runLoad(['--vus', '4', '--duration', '10s', '--workers', '2', '--json']);
  const runDir = result.runDir as string;
  const before = contentOf(runDir);
  for (let time = 0; time < 2; time++) {
    const judged = await runCli(['judge', runDir, '--json']);
    expect(judged.stdout).toBe(result.stdout);
    expect(judged.code).toBe(result.code);
    expect(JSON.parse(judged.stdout)).toEqual(result.summary);
  }
  expect(contentOf(runDir)).toEqual(before);
});

test.concurrent('guests watch and are judged by what guests can do; no token or key is written anywhere', async ({
  onTestFinished,
}) => {
  const stage = await startStage(['--stream-key', 'a-secret-show']);
  onTestFinished(() => stage.stop());
  const target = [
    '--target',
    stage.origin,
    '--stream-key',
    stage.streamKey,
    '--vus',
    '6',
    '--duration',
    '16s',
  ];
  const guests = await measured(() => runLoad(target));
  expect(guests.code, guests.stderr).toBe(0);
  expect(guests.reason).toMatch(/judged mandatory rows passed; \d+ of \d+ rows not judged$/);
  expect(kpi(guests, 'ready_chat')).toMatchObject({
    status: 'not_judged',
    reason: 'no viewer had an account (guests only)',
  });
  const members = await runLoad([...target, '--users', stage.usersFile]);
  const secrets = readFileSync(stage.usersFile, 'utf8')
    .split(/[\n,]/)
    .filter((word) => word.length > 30);
  expect(secrets.length).toBeGreaterThan(100);
  for (const result of [guests, members]) {
    const said = [result.stdout, result.stderr, ...Object.values(contentOf(result.runDir as string))].join(
      '\n',
    );
    for (const secret of [...secrets, stage.streamKey]) expect(said.includes(secret)).toBe(false);
  }
});

test.concurrent('media that lies on a host that the run may not go to makes the run invalid, not the platform bad', async ({
  onTestFinished,
}) => {
  const stage = await startStage([]);
  onTestFinished(() => stage.stop());
  const elsewhere = createServer((request, response) => {
    response.writeHead(302, { location: `http://198.51.100.7${request.url}` }).end();
  });
  await new Promise<void>((done) => elsewhere.listen(0, '127.0.0.1', done));
  onTestFinished(() => void elsewhere.close());
  const hlsUrl = `http://127.0.0.1:${(elsewhere.address() as AddressInfo).port}`;
  const load = ['--hls-url', hlsUrl, '--mix', 'hls=100,flv=0', '--vus', '2', '--duration', '8s'];
  const result = await runLoad([...stage.flags(), ...load]);
  expect(result.summary?.verdict).toBe('invalid');
  expect(result.summary?.invalidReasons.map(({ code }) => code)).toContain('not_allowed');
  expect(contentOf(result.runDir as string)['events.ndjson']).toMatch(/"not_allowed".*198\.51\.100\.7/);
});

/** File name -> text. */
function contentOf(folder: string): Record<string, string> {
  return Object.fromEntries(
    readdirSync(folder).map((name) => [name, readFileSync(join(folder, name), 'utf8')]),
  );
}
