import { connect } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { createAllowList } from '../net/allow-list.js';
import { createHttpFactory } from '../net/http-node.js';
import { createClock } from '../seams-node.js';
import { readClockAnswer } from './clock-answer.js';
import { ClockFollower } from './clock-follower.js';
import { type ClockServer, startClockServer } from './clock-server.js';

async function serve(epochMs: () => number): Promise<ClockServer> {
  const server = await startClockServer({ port: 0, epochMs });
  onTestFinished(() => server.close());
  return server;
}

function followerOf(url: string): ClockFollower {
  const clock = createClock(performance.timeOrigin + performance.now());
  const http = createHttpFactory({ clock, allowList: createAllowList([]) }).forViewer();
  const follower = new ClockFollower({ clock, http, url });
  onTestFinished(() => follower.close());
  return follower;
}

test('a comparison finds by how much the publisher is ahead, within its uncertainty', async () => {
  const server = await serve(() => performance.timeOrigin + performance.now() + 12_345.678);
  const news = await followerOf(server.url).compare();
  if (news.kind !== 'reading') throw new Error(news.reason);
  const { offsetMs, uncertaintyMs } = news.reading;
  expect(Math.abs(offsetMs - 12_345.678)).toBeLessThanOrEqual(uncertaintyMs + 0.002);
  expect(uncertaintyMs).toBeLessThan(50);
});

test('a clock that was set between two comparisons is noticed', async () => {
  let aheadMs = 0;
  const server = await serve(() => performance.timeOrigin + performance.now() + aheadMs);
  const follower = followerOf(server.url);
  await follower.compare();
  aheadMs = -2000;
  const news = await follower.compare();
  if (news.kind !== 'reading') throw new Error(news.reason);
  expect(news.steppedMs).toBeGreaterThan(-2100);
  expect(news.steppedMs).toBeLessThan(-1900);
  expect(Math.abs(news.reading.offsetMs + 2000)).toBeLessThanOrEqual(news.reading.uncertaintyMs + 0.002);
});

test('a server that is gone is a gap with its reason', async () => {
  const server = await serve(() => 1);
  await server.close();
  expect(await followerOf(server.url).compare()).toEqual({
    kind: 'gap',
    reason: 'the request failed (refused)',
  });
});

test('something else than a clock is a gap with its reason', async () => {
  const server = await serve(() => Date.now());
  expect(await followerOf(`${server.url}/elsewhere`).compare()).toEqual({ kind: 'gap', reason: 'HTTP 404' });
});

test('a host that is neither loopback nor allowed is never asked', async () => {
  const news = await followerOf('http://192.0.2.1:9').compare();
  expect(news).toEqual({ kind: 'gap', reason: 'the request failed (not_allowed)' });
});

test('the server shows its clock and nothing else, to loopback only', async () => {
  const server = await serve(() => 1_800_000_000_000.5);
  expect(server.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
  const answer = await fetch(`${server.url}/clock`);
  expect(await answer.json()).toEqual({ clock: 'dorami-load', epochUs: 1_800_000_000_000_500 });
  expect(answer.headers.get('cache-control')).toBe('no-store');
  expect((await fetch(`${server.url}/`)).status).toBe(404);
  expect((await fetch(`${server.url}/clock`, { method: 'POST', body: 'x' })).status).toBe(405);
});

test('garbage in place of HTTP does not end the server', async () => {
  const server = await serve(() => 1_800_000_000_000);
  await new Promise<void>((resolve) => {
    const socket = connect(server.port, '127.0.0.1', () => socket.end('\x16\x03\x01 what\r\n\r\n'));
    socket.on('error', () => {});
    socket.resume().once('close', () => resolve());
  });
  expect((await fetch(`${server.url}/clock`)).status).toBe(200);
});

test('a port that is taken is a problem of --clock in words', async () => {
  const { port } = await serve(() => 1);
  await expect(startClockServer({ port, epochMs: () => 1 })).rejects.toThrow(
    /--clock: cannot listen on 127\.0\.0\.1:\d+: EADDRINUSE/,
  );
});

test.each(['', '{', 'null', '5', '{"clock":"other","epochUs":5}', '{"clock":"dorami-load","epochUs":"5"}'])(
  'an answer that is none of a clock is not read as one: %s',
  (body) => {
    expect(readClockAnswer(body)).toBeUndefined();
  },
);
