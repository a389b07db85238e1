import { expect, test } from 'vitest';
import { resolveConfig } from '../config.js';
import { type BoxRecord, shareLines } from './fleet-record.js';

const CONFIG = resolveConfig({ target: 'http://127.0.0.1:1' }, { cores: 8 });

const box = (id: string, hostname: string, vus: number, workers = 4): BoxRecord => ({
  ...{ id, hostname, vus, workers, cores: 4, memoryBytes: 16e9, version: '1', nodeVersion: 'v20' },
  ...{ byProtocol: { hls: vus, flv: 0 }, users: vus },
});

/** How many viewers the line says the box carries. */
const carried = (line = ''): number => Number(/about (\d+) viewers/.exec(line)?.[1]);

test('boxes that are one machine are thought to carry a part of it each', () => {
  const [alone] = shareLines([box('a', 'h1', 10), box('b', 'h2', 10)], CONFIG);
  const [one, other, third] = shareLines(
    [box('a', 'h1', 10), box('b', 'h1', 10), box('c', 'h2', 10)],
    CONFIG,
  );
  expect(alone).toMatch(/^box a \(h1\): 10 viewers in 4 threads; 4 cores, 16.0 GB: about/);
  expect(one).toMatch(/^box a \(h1, one of 2 boxes there\): 10 viewers in 4 threads; 2 cores, 8.0 GB: about/);
  expect(other).toContain('one of 2 boxes there');
  expect(carried(one)).toBeLessThan(carried(alone));
  expect(carried(third)).toBe(carried(alone));
});

test('a share that is more than a box is thought to carry is warned of', () => {
  const lines = shareLines([box('a', 'h1', 5000), box('b', 'h2', 1, 1)], CONFIG);
  expect(lines).toHaveLength(3);
  expect(lines[1]).toMatch(/^box a ! this machine carries about \d+ viewers.*asked for are 5000/);
  expect(lines[2]).toMatch(/^box b \(h2\): 1 viewer in 1 thread;/);
});
