import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { recorderOf } from '../../test/support/measured.js';
import { recordOf } from '../../test/support/run-record.js';
import type { Glance } from '../dashboard/glance.js';
import { encodeTick } from '../stats/tick-codec.js';
import { RunFollower } from './run-follower.js';
import type { CollectRecord } from './run-record.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'follower-'));
  writeFileSync(join(folder, 'events.ndjson'), '');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Seconds `from` to `to` of a run with as many viewers as seconds. */
function ticksText(recorder: ReturnType<typeof recorderOf>, from: number, to: number): string {
  let text = '';
  for (let second = from; second <= to; second++) {
    recorder.gauge('vus_watching_count', second);
    for (const tick of recorder.takeTick(second * 1000)) text += `${encodeTick(tick)}\n`;
  }
  return text;
}

test('a folder is followed as it grows, falls silent, grows again and ends', async () => {
  let nowMs = 0;
  const shown: Glance[] = [];
  const kept: number[] = [];
  const told: string[] = [];
  const follower = new RunFollower({
    ...{ folder, record: recordOf(), stepMs: 2000, nowMs: () => nowMs },
    ears: {
      keep: ({ live }) => kept.push(live.elapsedMs),
      show: (glance) => shown.push(glance),
      takeLine: ({ timestamp }, atMs) => told.push(`${timestamp} ${atMs}`),
      takeAlert: ({ id }) => told.push(id),
    },
  });
  const last = (): [string | undefined, number | undefined] => [
    shown.at(-1)?.status.kind,
    shown.at(-1)?.live.watching,
  ];
  const recorder = recorderOf();
  await follower.look();
  expect(last()).toEqual(['waiting', 0]);
  const line = {
    timestamp: '2026-11-22T09:06:08.000Z',
    atMs: 3000,
    spans_ms: {},
    gaps: {},
    restarted: [],
    absent: {},
  };
  appendFileSync(join(folder, 'system.ndjson'), `${JSON.stringify(line)}\nnonsense\n`);
  const alert = { kind: 'raised', id: 'cpu', name: '', words: 'CPU', atMs: 3000 };
  appendFileSync(join(folder, 'alerts.ndjson'), `${JSON.stringify(alert)}\n`);
  const text = ticksText(recorder, 1, 5);
  appendFileSync(join(folder, 'ticks.ndjson'), text.slice(0, -10));
  await follower.look();
  expect(last()).toEqual(['running', 4]);
  expect([kept, told]).toEqual([
    [2000, 4000],
    ['cpu', '2026-11-22T09:06:08.000Z 3000'],
  ]);
  nowMs = 20_000;
  await follower.look();
  expect(last()[0]).toBe('silent');
  appendFileSync(join(folder, 'ticks.ndjson'), text.slice(-10));
  await follower.look();
  expect(last()).toEqual(['running', 5]);
  const change = (more: object): string =>
    `${JSON.stringify({ kind: 'plan_changed', atMs: 4500, words: '', ...more })}\n`;
  appendFileSync(join(folder, 'events.ndjson'), change({ what: 'pause' }));
  await follower.look();
  expect(shown.at(-1)?.status).toEqual({
    kind: 'paused',
    words: 'paused at 0:05: the viewers stay, and the plan waits',
  });
  const { phases, plannedMs, planned, exempt } = recordOf();
  appendFileSync(
    join(folder, 'events.ndjson'),
    change({ what: 'resume', plan: { phases, plannedMs, planned, exempt } }),
  );
  await follower.look();
  expect(last()[0]).toBe('running');
  appendFileSync(join(folder, 'events.ndjson'), '{"kind":"run_ended","atMs":5000,"counts":{}}\n');
  await follower.look();
  expect(last()[0]).toBe('ended');
  expect(shown.at(-1)?.judge().length).toBeGreaterThan(0);
  expect(follower.unreadable).toBe(1);
});

test('a run that collected is judged by what its platform said, while it goes and at its end', async () => {
  const collect = { file: 'sources.yaml', intervalMs: 1000, config: {} } as unknown as CollectRecord;
  const shown: Glance[] = [];
  const follower = new RunFollower({
    ...{
      folder,
      record: recordOf({ collect, rows: ['swap_used'], exempt: {} }),
      stepMs: 2000,
      nowMs: () => 0,
    },
    ears: { keep: () => {}, show: (glance) => shown.push(glance), takeLine: () => {}, takeAlert: () => {} },
  });
  const rows = () =>
    shown
      .at(-1)
      ?.judge()
      .map(({ id, status }) => [id, status]);
  appendFileSync(join(folder, 'ticks.ndjson'), ticksText(recorderOf(), 1, 30));
  const lines = Array.from({ length: 30 }, (_, second) => ({
    timestamp: new Date(1_800_000_000_000 + second * 1000).toISOString(),
    ...{ atMs: second * 1000, host: { swap_mb: 0 }, spans_ms: {}, gaps: {}, restarted: [], absent: {} },
  }));
  await follower.look();
  expect(rows()).toEqual([['swap_used', 'no_data']]);
  appendFileSync(join(folder, 'system.ndjson'), lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
  await follower.look();
  expect(rows()).toEqual([['swap_used', 'pass']]);
  appendFileSync(join(folder, 'events.ndjson'), '{"kind":"run_ended","atMs":30000,"counts":{}}\n');
  await follower.look();
  expect(rows()).toEqual([['swap_used', 'pass']]);
});
