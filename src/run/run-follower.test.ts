import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { recorderOf } from '../../test/support/measured.js';
import { recordOf } from '../../test/support/run-record.js';
import type { Glance } from '../dashboard/glance.js';
import { encodeTick } from '../stats/tick-codec.js';
import { RunFollower } from './run-follower.js';

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
  appendFileSync(join(folder, 'events.ndjson'), '{"kind":"run_ended","atMs":5000,"counts":{}}\n');
  await follower.look();
  expect(last()[0]).toBe('ended');
  expect(shown.at(-1)?.judge().length).toBeGreaterThan(0);
  expect(follower.unreadable).toBe(1);
});
