import { describe, expect, type TestContext, test } from 'vitest';
import { needs } from '../services/available.js';
import { type Service, waitUntil } from '../services/child.js';
import { startNginxProxy } from '../services/nginx-proxy.js';
import { startNginxRtmp } from '../services/nginx-rtmp.js';
import { startNodeMediaServer } from '../services/node-media-server.js';
import { startPublisher } from '../services/publisher.js';
import { kpi, kpisWith, measured, runLoad, total } from './cli.js';
import { type StageProcess, startStage } from './stage.js';

const KEY = 'show';

describe.concurrent('servers that nobody here wrote', () => {
  test('node-media-server over HTTP-FLV and nginx-rtmp over HLS: pictures play, the delay stays unknown', async (context) => {
    needs(context, 'node-media-server', 'nginx', 'nginx-rtmp', 'ffmpeg');
    const stage = await stageForTest(context, ['--stream-key', KEY]);
    const flv = stopAfterTest(context, await startNodeMediaServer());
    const hls = stopAfterTest(context, await startNginxRtmp());
    const toFlv = stopAfterTest(context, startPublisher(`${flv.rtmpUrl}/${KEY}`));
    const toHls = stopAfterTest(context, startPublisher(`${hls.rtmpUrl}/${KEY}`));
    // the page asks one folder deeper than node-media-server serves
    const front = stopAfterTest(
      context,
      await startNginxProxy({ apiOrigin: stage.origin, mediaOrigin: flv.origin, flvPath: '/live/' }),
    );
    await waitUntil('HLS', async () => (await fetch(`${hls.origin}/hls/${KEY}.m3u8`)).ok, toHls);
    await waitUntil('FLV', async () => toFlv.running(), toFlv);
    const result = await measured(() =>
      runLoad([
        ...stage.flags(),
        ...['--flv-url', front.origin, '--hls-url', hls.origin],
        ...['--vus', '8', '--duration', '24s', '--mix', 'hls=50,flv=50'],
      ]),
    );
    expect(kpisWith(result, 'fail'), result.stderr).toEqual([]);
    expect(kpisWith(result, 'no_data')).toEqual(['latency_p95_flv', 'latency_p95_hls']);
    for (const id of [
      'stream_start_success',
      'first_frame_p95_flv',
      'first_frame_p95_hls',
      'rebuffer_ratio',
    ]) {
      expect(kpi(result, id).status, id).toBe('pass');
    }
    expect(result.code).toBe(114);
  });

  test('nginx in front of the whole platform: a full pass', async (context) => {
    needs(context, 'nginx');
    const stage = await stageForTest(context, []);
    const proxy = stopAfterTest(context, await startNginxProxy({ apiOrigin: stage.origin }));
    const load = ['--vus', '16', '--duration', '26s'];
    const result = await measured(() => runLoad([...stage.flags(proxy.origin), ...load]));
    expect(kpisWith(result, 'fail'), result.stderr).toEqual([]);
    expect(result.code, result.stderr).toBe(0);
  });

  test('nginx’s request limit is told apart from a broken server', async (context) => {
    needs(context, 'nginx');
    const stage = await stageForTest(context, []);
    const proxy = stopAfterTest(
      context,
      await startNginxProxy({ apiOrigin: stage.origin, apiLimit: { perS: 1, burst: 5 } }),
    );
    const load = ['--vus', '10', '--duration', '22s'];
    const result = await measured(() => runLoad([...stage.flags(proxy.origin), ...load]));
    expect(result.code, result.stderr).toBe(99);
    expect(kpi(result, 'api_success').status).toBe('fail');
    expect(kpi(result, 'api_5xx_rate').status).toBe('pass');
    expect(total(result, 'api_outcome_count', 'proxy_limit')).toBeGreaterThan(10);
    expect(total(result, 'api_outcome_count', 'server_fault')).toBe(0);
  });
});

async function stageForTest(context: TestContext, args: readonly string[]): Promise<StageProcess> {
  const stage = await startStage(args);
  context.onTestFinished(() => stage.stop());
  return stage;
}

function stopAfterTest<S extends Service>(context: TestContext, service: S): S {
  context.onTestFinished(() => service.stop());
  return service;
}
