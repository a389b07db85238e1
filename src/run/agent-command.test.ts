import { expect, test } from 'vitest';
import { refusalOf } from './agent-command.js';

const work = (host: string, flvHost = host) => ({
  insecure: false,
  target: {
    apiUrl: `https://${host}`,
    socketUrl: `https://${host}`,
    flvUrl: `https://${flvHost}:8080`,
    hlsUrl: `https://${host}`,
    streamKey: 'show',
  },
});
const names: Readonly<Record<string, readonly string[]>> = {
  'stage.test': ['127.0.0.1'],
  'rebound.test': ['127.0.0.1', '192.0.2.1'],
};
const resolve = async (host: string): Promise<readonly string[]> => names[host] ?? [];

test('a box loads what is on its own list and this machine, whatever a coordinator asks for', async () => {
  const open = { allowTargets: ['staging.example.com', '10.0.0.0/8'] };
  expect(await refusalOf(work('staging.example.com'), open, resolve)).toBeUndefined();
  expect(await refusalOf(work('10.2.3.4'), open, resolve)).toBeUndefined();
  expect(await refusalOf(work('127.0.0.1'), { allowTargets: [] }, resolve)).toBeUndefined();
  expect(await refusalOf(work('stage.test'), { allowTargets: [] }, resolve)).toBeUndefined();
});

test.each([
  ['192.0.2.1', '192.0.2.1', '192.0.2.1 is not on'],
  ['staging.example.com', 'www.example.com', 'www.example.com has no address here'],
  ['staging.example.com', '192.0.2.9', '192.0.2.9 is not on'],
  ['rebound.test', 'rebound.test', 'rebound.test is not on'],
  [
    'staging.example.com.evil.test',
    'staging.example.com',
    'staging.example.com.evil.test has no address here',
  ],
])('it refuses %s with media from %s', async (host, flvHost, words) => {
  expect(await refusalOf(work(host, flvHost), { allowTargets: ['staging.example.com'] }, resolve)).toContain(
    words,
  );
});
