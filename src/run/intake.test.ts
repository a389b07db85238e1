import { describe, expect, it } from 'vitest';
import { endingFromEvents } from '../../test/support/ending-from-events.js';
import { healthyRun, recorderOf, reported } from '../../test/support/measured.js';
import { ProtocolError } from '../errors.js';
import { createRedact } from '../redact.js';
import type { Tick } from '../stats/tick.js';
import { Intake } from './intake.js';
import { type AppendFile, RunFolder } from './run-folder.js';

function setup() {
  const written = { ticks: '', events: '' };
  const fileOf = (name: keyof typeof written): AppendFile => ({
    appendFile: async (text) => {
      written[name] += text;
    },
    close: async () => {},
  });
  const folder = new RunFolder('run', fileOf('ticks'), fileOf('events'), () => {});
  return { written, folder, intake: new Intake(folder, createRedact(['s3cret-key'])) };
}

describe('Intake', () => {
  it('adds ticks to the totals and writes them as they came', async () => {
    const { written, folder, intake } = setup();
    const recorder = recorderOf();
    for (const event of healthyRun()) recorder.on(reported(event));
    const ticks = recorder.takeTick(1000, true);
    for (const tick of ticks) intake.take(0, { kind: 'tick', tick });
    await folder.close();
    expect(intake.totals.tickCount).toBe(ticks.length);
    expect(
      written.ticks
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line) as Tick),
    ).toEqual(ticks);
  });

  it('takes a tick that comes again for a repeat everywhere: totals, last seconds and folder', async () => {
    const { written, folder, intake } = setup();
    const recorder = recorderOf();
    for (const event of healthyRun()) recorder.on(reported(event));
    const ticks = recorder
      .takeTick(1000, true)
      .map((tick) => ({ ...tick, gauges: { ...tick.gauges, vus_active_count: 3 } }));
    const seen = () => ({ activeMs: intake.recent.activeMs, counters: [...intake.totals.counters] });
    for (const tick of ticks) intake.take(0, { kind: 'tick', tick });
    const once = seen();
    expect(once.activeMs).toBeGreaterThan(0);
    for (const tick of ticks) intake.take(0, { kind: 'tick', tick });
    await folder.close();
    expect(intake.totals).toMatchObject({ tickCount: ticks.length, duplicateCount: ticks.length });
    expect(written.ticks.trimEnd().split('\n')).toHaveLength(ticks.length);
    expect(seen()).toEqual(once);
  });

  it('refuses a tick that is none', () => {
    const { intake } = setup();
    expect(() => intake.take(0, { kind: 'tick', tick: { v: 2 } as unknown as Tick })).toThrow(ProtocolError);
  });

  it('writes notable events, a bounded number of each kind, and counts them all', async () => {
    const { written, folder, intake } = setup();
    for (let i = 0; i < 300; i++) intake.take(1, { kind: 'notable', what: 'chat_echo_lost', atMs: i, vu: i });
    intake.end(5000);
    await folder.close();
    const lines = written.events.trimEnd().split('\n');
    expect(lines).toHaveLength(101);
    expect(JSON.parse(lines[0] as string)).toEqual({ kind: 'chat_echo_lost', atMs: 0, worker: 1, vu: 0 });
    expect(JSON.parse(lines.at(-1) as string)).toMatchObject({
      kind: 'run_ended',
      counts: { chat_echo_lost: 300 },
    });
  });

  it('knows the ids of orders as its file does, a bounded number of them', async () => {
    const { written, folder, intake } = setup();
    for (let i = 0; i < 1200; i++) {
      intake.take(0, { kind: 'notable', what: 'order_created', atMs: i, vu: 1, detail: `ORD-${i}` });
    }
    await folder.close();
    const { orderIds } = intake.ending.ending();
    expect(orderIds).toHaveLength(1000);
    expect(orderIds?.[0]).toBe('ORD-0');
    // As after kill -9: no line of an orderly end.
    expect(endingFromEvents(written.events)).toMatchObject({ completed: false, orderIds });
    expect(written.events).toContain('ORD-1199');
  });

  it('knows the same ending as its file, without secrets', async () => {
    const { written, folder, intake } = setup();
    intake.note({
      kind: 'worker_died',
      atMs: 5,
      worker: 0,
      vus: 3,
      reason: 'GET /hls/s3cret-key.m3u8 failed',
    });
    intake.take(0, { kind: 'notable', what: 'internal_error', atMs: 6, detail: 's3cret-key was undefined' });
    intake.end(9);
    await folder.close();
    expect(written.events).not.toContain('s3cret-key');
    expect(endingFromEvents(written.events)).toEqual(intake.ending.ending());
    expect(intake.ending.ending()).toMatchObject({ completed: true, workersDied: [{ worker: 0, vus: 3 }] });
  });
});
