import { appendFile, mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readSystem } from './read-system.js';

const START_EPOCH_MS = Date.parse('2026-11-22T09:00:00Z');
const RECORD = {
  startEpochMs: START_EPOCH_MS,
  collect: { file: 'sources.yaml', intervalMs: 1000, config: {} },
};

async function folderOf(text: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'read-system-'));
  await writeFile(join(folder, 'system.ndjson'), text);
  return folder;
}

const line = (atMs: number): string =>
  `${JSON.stringify({ timestamp: '2026-11-22T09:00:01Z', atMs, process: { srs: { cpu_pct: atMs / 100 } } })}\n`;

test('lines are read in order, on the run’s axis, with the interval that the run asked at', async () => {
  const seen: number[] = [];
  const folder = await folderOf(line(1000) + line(2000));
  const read = await readSystem(folder, RECORD, ({ atMs }) => seen.push(atMs));
  expect(seen).toEqual([1000, 2000]);
  expect(read?.note).toBeUndefined();
  expect(read?.platform).toMatchObject({
    everyMs: 1000,
    series: [{ metric: 'cpu_pct', source: 'srs', points: [{ value: 10 }, { value: 20 }] }],
  });
});

test('a line of a collector that knew of no run is placed by its wall clock', async () => {
  const own = JSON.stringify({ timestamp: '2026-11-22T09:00:07.500Z', process: { srs: { cpu_pct: 1 } } });
  const read = await readSystem(await folderOf(`${own}\n`), RECORD);
  expect(read?.platform.series[0]?.points[0]?.atMs).toBe(7500);
});

test('a last line that was cut is tolerated, garbage in between is counted', async () => {
  const cut = await folderOf(`${line(1000)}{"timestamp":"2026-11`);
  expect((await readSystem(cut, RECORD))?.note).toBeUndefined();
  const garbage = ['\0\0\0', '[]', '{"atMs":"soon"}', 'x'.repeat(1_100_000)].join('\n');
  const damaged = await folderOf(`${line(1000)}${garbage}\n${line(2000)}`);
  const read = await readSystem(damaged, RECORD);
  expect(read?.note).toBe('4 lines of system.ndjson are none');
  expect(read?.platform.series[0]?.points).toHaveLength(2);
});

test('no file is nothing for a run that collected nothing, and told of for one that did', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'read-system-'));
  expect(await readSystem(folder, { startEpochMs: START_EPOCH_MS })).toBeUndefined();
  const read = await readSystem(folder, RECORD);
  expect(read?.note).toBe('system.ndjson cannot be read: ENOENT');
  expect(read?.platform).toEqual({ everyMs: 1000, series: [], untold: {} });
});

test('ten thousand lines leave a bounded series', async () => {
  const folder = await folderOf('');
  let text = '';
  for (let i = 0; i < 10_000; i++) text += line(i * 1000);
  await appendFile(join(folder, 'system.ndjson'), text);
  const read = await readSystem(folder, RECORD);
  expect(read?.platform.series[0]?.points.length).toBeLessThanOrEqual(2048);
});
