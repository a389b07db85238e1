import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { needs } from '../services/available.js';
import { freePort, type Service } from '../services/child.js';
import { startNginxProxy } from '../services/nginx-proxy.js';
import { startNodeMediaServer } from '../services/node-media-server.js';
import { SMALL, startPublish } from '../services/publish.js';
import { startLoad, temporaryOut, total } from './cli.js';
import { startStage } from './stage.js';

const PROFILE = `title: the publisher goes
stages:
  - name: ramp
    role: ramp
    for: 1s
    from: 0
    to: 1
  - name: settle
    role: hold
    for: 5s
    from: 1
    to: 1
  - name: gone
    role: fault
    for: 2m
    from: 1
    to: 1
faults:
  - name: drop
    stage: gone
    do:
      publisher: stop
    for: 100s
judges: [viewers_lost]
`;

function stopAfterTest<S extends Service>(service: S): S {
  onTestFinished(() => service.stop());
  return service;
}

test('a publisher that a run has dropped is on air again when the run is stopped early', async (context) => {
  needs(context, 'node-media-server', 'nginx', 'ffmpeg');
  const stage = await startStage([]);
  onTestFinished(() => stage.stop());
  const media = stopAfterTest(await startNodeMediaServer());
  const port = await freePort();
  const to = ['--to', media.rtmpUrl, '--stream-key', stage.streamKey];
  const publish = startPublish([...to, ...SMALL, '--control', String(port)]);
  await publish.saysLine(/^on air$/m);
  const front = stopAfterTest(
    await startNginxProxy({ apiOrigin: stage.origin, mediaOrigin: media.origin, flvPath: '/live/' }),
  );
  const controlUrl = `http://127.0.0.1:${port}`;
  const status = async (): Promise<unknown> => (await fetch(`${controlUrl}/status`)).json();
  expect(await status()).toMatchObject({ state: 'on_air', connections: 1 });
  const folder = temporaryOut();
  const profile = join(folder, 'gone.yaml');
  writeFileSync(profile, PROFILE);
  const load = startLoad([
    ...stage.flags(),
    ...['--flv-url', front.origin, '--mix', 'hls=0,flv=100', '--vus', '2', '--no-preflight'],
    ...['--profile', profile, '--publisher-control', controlUrl],
  ]);
  await load.says(/fault drop for/);
  expect(await status()).toMatchObject({ state: 'dropped' });
  load.signal('SIGINT');
  const result = await load.done;
  expect(await status(), result.stderr).toMatchObject({ state: 'on_air', connections: 2 });
  expect(result.summary).toMatchObject({
    faults: [{ name: 'drop', breaks: 'publisher', outcome: 'mended_early' }],
    recovery: [{ faults: ['drop'], faced: 2, inTime: 0, late: 0, missing: 0, untold: 2 }],
  });
  expect(total(result, 'flv_ended_count') + total(result, 'rebuffer_count'), result.stderr).toBeGreaterThan(
    0,
  );
}, 120_000);
