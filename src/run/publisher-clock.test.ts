import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { clockAnswer } from '../clock/clock-answer.js';
import { startClockServer } from '../clock/clock-server.js';
import type { RunFlags } from '../config/flags.js';
import { resolveConfig } from '../config.js';
import { openPublisherClock, type PublisherClockLink } from './publisher-clock.js';

const NOBODY = 'http://127.0.0.1:1';

/** The link of a run with these flags, whose target's API is at `apiUrl`. */
async function open(flags: RunFlags, apiUrl = NOBODY): Promise<PublisherClockLink> {
  const config = resolveConfig(flags, { cores: 2 });
  const target = { apiUrl, socketUrl: apiUrl, flvUrl: apiUrl, hlsUrl: apiUrl, streamKey: 'k' };
  const link = await openPublisherClock(config, target);
  onTestFinished(() => link.close());
  return link;
}

async function clockAhead(aheadMs: number): Promise<string> {
  const epochMs = (): number => performance.timeOrigin + performance.now() + aheadMs;
  const server = await startClockServer({ port: 0, epochMs });
  onTestFinished(() => server.close());
  return server.url;
}

test("the run's own stage has the same clock", async () => {
  const { state, check } = await open({});
  expect(state).toEqual({ kind: 'same', servers: true });
  expect(check).toEqual({ part: 'clock', status: 'ok', text: "same clock as the publisher's (own stage)" });
});

test('a publisher that is said to run here has the same clock; servers elsewhere have not', async () => {
  const remote = { 'allow-target': ['203.0.113.5'], 'stream-key': 'k', 'capture-clock': 'same' };
  expect((await open({ ...remote, target: 'http://203.0.113.5' })).state).toEqual({
    kind: 'same',
    servers: false,
  });
  const local = { target: NOBODY, 'capture-clock': 'same' };
  expect((await open(local)).state).toEqual({ kind: 'same', servers: true });
});

test('a platform off this machine whose clock nobody named is unknown, and nobody is asked', async () => {
  const remote = { target: 'http://203.0.113.5', 'allow-target': ['203.0.113.5'], 'stream-key': 'k' };
  const { state, check, record } = await open(remote, 'http://203.0.113.5');
  expect(state).toEqual({ kind: 'unknown' });
  expect(record).toEqual({ kind: 'unknown', reason: 'nobody named it' });
  expect(check.status).toBe('warning');
  expect(check.text).toContain('--capture-clock');
});

test('the clock that was named is compared, and its difference told', async () => {
  const { state, check, record } = await open({ 'capture-clock': await clockAhead(-5000) });
  if (state.kind !== 'measured') throw new Error(state.kind);
  expect(state.reading.offsetMs).toBeGreaterThan(-5050);
  expect(state.reading.offsetMs).toBeLessThan(-4950);
  expect(record.kind).toBe('measured');
  expect(check.text).toMatch(
    /^the publisher's clock is 50\d\d\.\d ms behind ours, ±\d|^the publisher's clock is 49\d\d\.\d ms behind ours, ±\d/,
  );
});

test('a clock that was named and does not answer is unknown with its reason, and no crash', async () => {
  const { state, check, record } = await open({ 'capture-clock': NOBODY });
  expect(state).toEqual({ kind: 'unknown' });
  expect(record.reason).toBe('the request failed (refused)');
  expect(check.text).toBe(
    '--capture-clock cannot be read: the request failed (refused); until it can, latency has no data',
  );
});

test('a stage that was started by hand shows its clock by itself', async () => {
  const server = createServer((request, response) => {
    const { url } = request;
    if (url === '/__stage/clock') response.end(JSON.stringify(clockAnswer(Date.now() + 3000)));
    else response.writeHead(404).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const { state } = await open({ target: url }, url);
  expect(state.kind === 'measured' ? Math.round(state.reading.offsetMs / 100) : state).toBe(30);
});

test('another platform on this machine: where its publisher is, nobody knows', async () => {
  const { state, check } = await open({ target: NOBODY });
  expect(state).toEqual({ kind: 'unknown' });
  expect(check.text).toContain('name it with --capture-clock (same, if the publisher runs on this machine)');
});

test.each([
  ['not a url', /not the URL of a clock/],
  ['ftp://h/x', /not the URL of a clock/],
  ['http://u:secret@h/', /not the URL of a clock/],
  ['http://publisher.example.com:9000', /publisher\.example\.com is not on this machine and not allowed/],
])('--capture-clock %s is refused in words that show no secret', (value, words) => {
  const refused = (): unknown => resolveConfig({ 'capture-clock': value }, { cores: 2 });
  expect(refused).toThrow(words);
  expect(refused).not.toThrow(/secret/);
});

test('a clock on a host that is allowed is taken', () => {
  const flags = { 'capture-clock': 'http://10.0.0.9:9000/', 'allow-target': ['10.0.0.0/8'] };
  expect(resolveConfig(flags, { cores: 2 }).captureClock).toEqual({
    kind: 'url',
    url: 'http://10.0.0.9:9000',
  });
});
