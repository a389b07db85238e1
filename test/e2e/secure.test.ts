import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, type TestContext, test } from 'vitest';
import { needs } from '../services/available.js';
import { type Service, waitUntil } from '../services/child.js';
import { type LoggedRequest, startNginxProxy } from '../services/nginx-proxy.js';
import { startMediaRelay } from '../support/media-relay.js';
import { kpi, kpisWith, measured, runLoad, startLoad, total } from './cli.js';
import { type StageProcess, startStage } from './stage.js';

/** The run itself asks a stage for its clock, from an address of its own. */
function ofViewers(requests: readonly LoggedRequest[]): readonly LoggedRequest[] {
  return requests.filter(({ path }) => path !== '/__stage/clock');
}

describe.concurrent('a platform behind TLS', () => {
  test('HTTP/2, gzip and wss: one connection for everything and one WebSocket per viewer, a full pass', async (context) => {
    needs(context, 'nginx');
    const stage = await stageForTest(context);
    const proxy = stopAfterTest(context, await startNginxProxy({ apiOrigin: stage.origin, tls: 'h2' }));
    const load = ['--vus', '8', '--duration', '26s', '--insecure', '--local-ips', '127.0.0.2-127.0.0.9'];
    let from = 0;
    const result = await measured(() => {
      from = proxy.requests().length;
      return runLoad([...stage.flags(proxy.origin), ...load, '--no-preflight']);
    });
    expect(kpisWith(result, 'fail'), result.stderr).toEqual([]);
    expect(result.code, result.stderr).toBe(0);
    expect(result.stderr).toContain('note: --insecure: TLS certificates are not checked');
    const record = JSON.parse(readFileSync(join(result.runDir ?? '', 'run.json'), 'utf8')) as object;
    expect(record).toMatchObject({ insecure: true });
    const requests = ofViewers(proxy.requests().slice(from));
    const addresses = new Set(requests.map(({ address }) => address));
    expect([...addresses].sort()).toEqual(Array.from({ length: 8 }, (_, i) => `127.0.0.${i + 2}`));
    for (const each of addresses) {
      const own = requests.filter(({ address }) => address === each);
      expect(connections(own, 'HTTP/2.0')).toBe(1);
      expect(connections(own, 'HTTP/1.1')).toBe(1);
      expect(new Set(kinds(own, 'HTTP/1.1'))).toEqual(new Set(['socket']));
    }
    const overH2 = new Set(requests.flatMap((one) => kinds([one], 'HTTP/2.0')));
    expect(overH2).toEqual(new Set(['api', 'flv', 'hls']));
    const products = requests.filter(({ path }) => path.startsWith('/api/products'));
    expect(products.length).toBeGreaterThan(0);
    expect(new Set(products.map(({ encoding }) => encoding))).toEqual(new Set(['gzip']));
  });

  test('a server without HTTP/2 is asked over HTTP/1.1, and passes too', async (context) => {
    needs(context, 'nginx');
    const stage = await stageForTest(context);
    const proxy = stopAfterTest(context, await startNginxProxy({ apiOrigin: stage.origin, tls: 'http/1.1' }));
    const load = ['--vus', '8', '--duration', '26s', '--insecure'];
    const result = await measured(() => runLoad([...stage.flags(proxy.origin), ...load]));
    expect(kpisWith(result, 'fail'), result.stderr).toEqual([]);
    expect(result.code, result.stderr).toBe(0);
    expect(new Set(proxy.requests().map(({ protocol }) => protocol))).toEqual(new Set(['HTTP/1.1']));
  });

  test('a certificate that nobody vouches for is refused before the first viewer', async (context) => {
    needs(context, 'nginx');
    const stage = await stageForTest(context);
    const proxy = stopAfterTest(context, await startNginxProxy({ apiOrigin: stage.origin, tls: 'h2' }));
    const result = await runLoad([...stage.flags(proxy.origin), '--vus', '2']);
    expect(result.code).toBe(113);
    expect(result.reason).toContain('not trusted: DEPTH_ZERO_SELF_SIGNED_CERT');
    expect(result.reason).toContain('--insecure');
    expect(proxy.requests()).toEqual([]);
  });

  test('without a preflight such a certificate is counted as a start that was refused', async (context) => {
    needs(context, 'nginx');
    const stage = await stageForTest(context);
    const proxy = stopAfterTest(context, await startNginxProxy({ apiOrigin: stage.origin, tls: 'h2' }));
    const load = ['--vus', '4', '--duration', '12s', '--no-preflight'];
    const result = await measured(() => runLoad([...stage.flags(proxy.origin), ...load]));
    expect(result.code, result.stderr).toBe(99);
    expect(kpi(result, 'stream_start_success').status).toBe('fail');
    expect(
      total(result, 'start_failed_count', 'flv.refused') + total(result, 'start_failed_count', 'hls.refused'),
    ).toBeGreaterThan(0);
  });

  test('an FLV stream whose upstream is killed behind nginx is cut off, and its viewer goes on over HLS', async (context) => {
    needs(context, 'nginx');
    const stage = await stageForTest(context);
    const relay = await startMediaRelay(stage.origin);
    context.onTestFinished(() => relay.close());
    const proxy = stopAfterTest(
      context,
      await startNginxProxy({ apiOrigin: stage.origin, mediaOrigin: relay.origin, tls: 'h2' }),
    );
    const load = ['--vus', '4', '--duration', '24s', '--mix', 'flv=100', '--insecure'];
    const run = startLoad([...stage.flags(proxy.origin), ...load]);
    await run.says(/smoke: 4 viewers/);
    await waitUntil('four FLV streams', async () => relay.flvStreams() === 4, proxy);
    // Playing by now, and time enough is left for HLS.
    await new Promise((resolve) => setTimeout(resolve, 3000));
    expect(relay.killFlv()).toBe(4);
    const result = await run.done;
    expect(total(result, 'flv_ended_count', 'flv.cut'), result.stderr).toBe(4);
    expect(total(result, 'protocol_switch_count', 'hls.cut')).toBe(4);
    expect(proxy.requests().filter(({ path }) => /\.ts(\?|$)/.test(path)).length).toBeGreaterThan(4);
  });
});

describe.concurrent('a proxy that limits connections per address', () => {
  const LIMIT = 20;
  const load = ['--vus', '30', '--duration', '16s', '--insecure', '--no-preflight'];

  test('30 viewers from one address meet the proxy’s refusals, counted apart from faults of the app', async (context) => {
    needs(context, 'nginx');
    const stage = await stageForTest(context);
    const proxy = stopAfterTest(
      context,
      await startNginxProxy({ apiOrigin: stage.origin, tls: 'h2', connectionLimit: LIMIT }),
    );
    // Whether this machine was quick enough for a verdict is not the matter here, what was counted is.
    const result = await runLoad([...stage.flags(proxy.origin), ...load]);
    expect(kpi(result, 'api_success').status, result.stderr).toBe('fail');
    expect(total(result, 'api_outcome_count', 'proxy_limit'), result.stderr).toBeGreaterThan(0);
    expect(total(result, 'api_outcome_count', 'server_fault')).toBe(0);
    expect(total(result, 'api_outcome_count', 'throttled')).toBe(0);
    expect(proxy.requests().filter(({ status }) => status === 503).length).toBeGreaterThan(30);
  });

  test('30 viewers from 30 addresses meet none', async (context) => {
    needs(context, 'nginx');
    const stage = await stageForTest(context);
    const proxy = stopAfterTest(
      context,
      await startNginxProxy({ apiOrigin: stage.origin, tls: 'h2', connectionLimit: LIMIT }),
    );
    const spread = ['--local-ips', '127.0.0.2-127.0.0.31'];
    const result = await runLoad([...stage.flags(proxy.origin), ...load, ...spread]);
    expect(result.summary?.vus.joined, result.stderr).toBe(30);
    expect(total(result, 'api_outcome_count', 'proxy_limit')).toBe(0);
    expect(proxy.requests().filter(({ status }) => status === 503)).toEqual([]);
    expect(new Set(ofViewers(proxy.requests()).map(({ address }) => address)).size).toBe(30);
  });
});

test('an address that is not this machine’s is refused before anything starts', async () => {
  // 203.0.113.0/24 belongs to no machine (RFC 5737)
  const result = await runLoad(['--local-ips', '127.0.0.1,203.0.113.7']);
  expect(result.code).toBe(104);
  expect(result.reason).toContain('--local-ips: not an address of this machine (seen 203.0.113.7)');
});

function connections(requests: readonly LoggedRequest[], protocol: string): number {
  return new Set(requests.filter((one) => one.protocol === protocol).map(({ connection }) => connection))
    .size;
}

/** What the requests over `protocol` were for. */
function kinds(requests: readonly LoggedRequest[], protocol: string): readonly string[] {
  return requests
    .filter((one) => one.protocol === protocol)
    .map(({ path }) => {
      if (path.startsWith('/socket.io/')) return 'socket';
      if (path.startsWith('/api/')) return 'api';
      return /\.flv($|\?)/.test(path) ? 'flv' : 'hls';
    });
}

async function stageForTest(context: TestContext): Promise<StageProcess> {
  const stage = await startStage([]);
  context.onTestFinished(() => stage.stop());
  return stage;
}

function stopAfterTest<S extends Service>(context: TestContext, service: S): S {
  context.onTestFinished(() => service.stop());
  return service;
}
