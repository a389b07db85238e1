import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { needs } from './available.js';
import { accepts, type Service, waitUntil } from './child.js';
import { startNginxProxy } from './nginx-proxy.js';
import { startNginxRtmp } from './nginx-rtmp.js';
import { startNodeMediaServer } from './node-media-server.js';
import { startPublisher } from './publisher.js';

test('nginx proxies a platform with the paths of its own configuration', async (context) => {
  needs(context, 'nginx');
  const platform = await startEcho();
  const proxy = stopAfterTest(await startNginxProxy({ apiOrigin: platform }));
  const seen = async (path: string): Promise<string> => (await fetch(`${proxy.origin}${path}`)).text();
  expect(await seen('/hls/key.m3u8')).toBe('/live/key.m3u8');
  expect(await seen('/live/key-7.ts?hls_ctx=a')).toBe('/live/key-7.ts?hls_ctx=a');
  expect(await seen('/live/live/key.flv')).toBe('/live/live/key.flv');
  expect(await seen('/api/streaming/key/status')).toBe('/api/streaming/key/status');
  expect(await seen('/socket.io/?EIO=4')).toBe('/socket.io/?EIO=4');
  expect((await fetch(`${proxy.origin}/hls/hls/key.m3u8`)).status).toBe(404);
});

test('nginx answers 503 beyond its request limit', async (context) => {
  needs(context, 'nginx');
  const proxy = stopAfterTest(
    await startNginxProxy({ apiOrigin: await startEcho(), apiLimit: { perS: 1, burst: 2 } }),
  );
  const answers = await Promise.all(
    Array.from({ length: 8 }, async () => (await fetch(`${proxy.origin}/api/products`)).status),
  );
  expect(answers.filter((status) => status === 200)).toHaveLength(3);
  expect(answers.filter((status) => status === 503)).toHaveLength(5);
});

test('node-media-server serves over HTTP-FLV what ffmpeg publishes', async (context) => {
  needs(context, 'node-media-server', 'ffmpeg');
  const server = stopAfterTest(await startNodeMediaServer());
  const publisher = stopAfterTest(startPublisher(`${server.rtmpUrl}/show`));
  const bytes = await firstBytes(`${server.origin}/live/show.flv`, 100_000, publisher);
  expect(Buffer.from(bytes.subarray(0, 3)).toString('latin1')).toBe('FLV');
});

test('nginx-rtmp serves over HLS what ffmpeg publishes', async (context) => {
  needs(context, 'nginx', 'nginx-rtmp', 'ffmpeg');
  const server = stopAfterTest(await startNginxRtmp());
  const publisher = stopAfterTest(startPublisher(`${server.rtmpUrl}/show`));
  const listUrl = `${server.origin}/hls/show.m3u8`;
  await waitUntil('playlist', async () => (await fetch(listUrl)).status === 200, publisher);
  const list = await (await fetch(listUrl)).text();
  const segment = list.split('\n').find((line) => line.endsWith('.ts'));
  expect(list).toContain('#EXTM3U');
  const body = new Uint8Array(await (await fetch(new URL(segment as string, listUrl))).arrayBuffer());
  expect(body[0]).toBe(0x47);
  expect(body.length % 188).toBe(0);
});

test('a stopped server leaves no process and no open port behind', async (context) => {
  needs(context, 'nginx');
  const proxy = await startNginxProxy({ apiOrigin: await startEcho() });
  const port = Number(new URL(proxy.origin).port);
  await proxy.stop();
  expect(await accepts(port)).toBe(false);
  expect(() => process.kill(-proxy.pid, 0)).toThrow(/ESRCH/);
});

function stopAfterTest<S extends Service>(service: S): S {
  onTestFinished(() => service.stop());
  return service;
}

/** A platform that answers every request with the path it was asked for. */
async function startEcho(): Promise<string> {
  const server = createServer((request, response) => response.end(request.url));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** Reads the beginning of an endless body, asking again until the server has the stream. */
async function firstBytes(url: string, atLeastBytes: number, publisher: Service): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  let sizeBytes = 0;
  const stop = new AbortController();
  const reader = (await fetch(url, { signal: stop.signal })).body?.getReader();
  if (reader === undefined) throw new Error('no body');
  while (sizeBytes < atLeastBytes) {
    const { done, value } = await reader.read();
    if (done) throw new Error(`the body ended after ${sizeBytes} bytes:\n${publisher.log()}`);
    parts.push(value);
    sizeBytes += value.length;
  }
  stop.abort();
  return Buffer.concat(parts);
}
