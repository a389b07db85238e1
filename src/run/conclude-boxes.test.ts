import { expect, it } from 'vitest';
import { healthyRun, recorderOf, reported } from '../../test/support/measured.js';
import { recordOf } from '../../test/support/run-record.js';
import { addTick, createTotals } from '../stats/merge.js';
import { conclude, type Ending } from './conclude.js';
import type { FleetRecord } from './fleet-record.js';
import { EndingLog, type LifecycleEvent } from './lifecycle.js';

const box = (id: string) => ({
  ...{ id, hostname: `host-${id}`, cores: 2, memoryBytes: 1e9, version: '1', nodeVersion: 'v20' },
  ...{ workers: 1, vus: 25, users: 25, byProtocol: { hls: 18, flv: 7 } },
});
const fleet: FleetRecord = { run: 'r', place: 'here', tolerated: 1, boxes: [box('a'), box('b')] };
const record = recordOf({ fleet, workers: 2 });

/** A healthy run on box a; box b says nothing of note, and its last tick only when it `ends`. */
function measured(ends: boolean) {
  const totals = createTotals();
  const [a, b] = [recorderOf(0), recorderOf(0)];
  for (const event of healthyRun()) a.on(reported(event));
  for (const tick of a.takeTick(60_000, true)) addTick(totals, { ...tick, box: 'a' });
  for (const tick of b.takeTick(ends ? 60_000 : 20_000, ends)) addTick(totals, { ...tick, box: 'b' });
  return totals;
}

function endingAfter(...events: LifecycleEvent[]): Ending {
  const log = new EndingLog();
  for (const event of events) log.add(event);
  log.add({ kind: 'run_ended', atMs: 60_000, counts: {} });
  return log.ending();
}

const state = (word: 'late' | 'lost' | 'back', atMs: number): LifecycleEvent => ({
  ...{ kind: 'box_state', box: 'b', state: word, vus: 25, reason: 'no sign of life for 5.2 s', atMs },
});
const figures: LifecycleEvent = {
  ...{ kind: 'box_figures', box: 'b', atMs: 60_000, received: 18, duplicates: 2, missing: 0, garbage: 0 },
  ...{ clockOffsetMs: -3.5, clockErrorMs: 0.8 },
};

it('boxes that were all there change nothing of the verdict, and stand in the summary', () => {
  const { summary } = conclude(record, measured(true), endingAfter(figures));
  expect(summary).toMatchObject({ verdict: 'pass', exitCode: 0, run: { workers: 2, boxes: 2 }, notes: [] });
  expect(summary.boxes).toMatchObject([
    { id: 'a', host: 'host-a', vus: 25, isGone: false, gaps: 0, records: null, clock: null },
    {
      ...{ id: 'b', isGone: false, silentMs: 0 },
      records: { received: 18, duplicates: 2, missing: 0, garbage: 0 },
      clock: { offsetMs: -3.5, errorMs: 0.8, driftMsPerHour: null },
    },
  ]);
});

it('a box that is gone without a word makes the run invalid where it is not known as lost', () => {
  const { summary } = conclude(record, measured(false), endingAfter());
  expect(summary.verdict).toBe('invalid');
  expect(summary.invalidReasons.map(({ code }) => code)).toEqual(['last_tick_missing', 'worker_silent']);
});

it('a lost box that ended the run is our loss, not the platform’s: invalid, whatever the rows say', () => {
  const lost: LifecycleEvent = {
    kind: 'boxes_lost',
    atMs: 25_000,
    reason: 'box b was lost: no sign of life',
  };
  const { summary, reason } = conclude(record, measured(false), endingAfter(state('lost', 25_000), lost));
  expect(summary).toMatchObject({ verdict: 'invalid', exitCode: 111 });
  expect(summary.invalidReasons).toEqual([{ code: 'box_lost', text: 'box b was lost: no sign of life' }]);
  expect(reason).toContain('box b was lost');
});

it('a loss that is borne is judged on those who were there, and told', () => {
  const { summary } = conclude(record, measured(false), endingAfter(state('lost', 25_000)));
  expect(summary).toMatchObject({ verdict: 'pass', exitCode: 0, vus: { planned: 50 } });
  expect(summary.notes).toEqual([
    '1 of 2 boxes and 25 of 50 viewers were there to the end: rows that count viewers are judged on those',
    'box b was lost at 25 s: no sign of life for 5.2 s',
  ]);
  expect(summary.boxes?.[1]).toMatchObject({ isGone: true, silentMs: 35_000 });
  // Deliveries that nobody expected would make up for missing ones.
  const chat = (of: typeof summary) => of.kpis.find(({ id }) => id === 'chat_delivery_ratio');
  expect(chat(summary)).toMatchObject({
    status: 'not_judged',
    reason: 'box b was lost for a while or for good: what messages were to reach is not known',
  });
  expect(chat(conclude(record, measured(true), endingAfter()).summary)?.status).toBe('pass');
});

it('chat is not judged where a box did not hear of another one that was there', () => {
  const deaf: LifecycleEvent = {
    ...{ kind: 'room_unheard', atMs: 8000, box: 'a' },
    detail: 'did not hear for 6.1 s how many viewers of box b stood in the chat room',
  };
  const { summary } = conclude(record, measured(true), endingAfter(deaf));
  const words = 'box a did not hear for 6.1 s how many viewers of box b stood in the chat room';
  expect(summary.kpis.find(({ id }) => id === 'chat_delivery_ratio')).toMatchObject({
    status: 'not_judged',
    reason: `${words}: what messages were to reach is not known`,
  });
  expect(summary).toMatchObject({ verdict: 'pass', notes: [words] });
  const lost = conclude(record, measured(false), endingAfter(deaf, state('lost', 25_000))).summary;
  expect(lost.kpis.find(({ id }) => id === 'chat_delivery_ratio')?.reason).toMatch(/^box b was lost/);
});

it('what a file says of a room that is none of that is left out', () => {
  const log = new EndingLog();
  log.addLine({ kind: 'room_unheard', atMs: 1, box: 7, detail: 'x' });
  log.addLine({ kind: 'room_unheard', atMs: 1, box: 'a' });
  expect(log.ending().unheard).toBeUndefined();
});

it('why a lost box gave up, told by itself when it could, is the reason, and no later loss', () => {
  const why = 'cut off from the broker for 15 s: its viewers leave';
  const told: LifecycleEvent = {
    kind: 'box_state',
    box: 'b',
    state: 'lost',
    vus: 25,
    reason: why,
    atMs: 50_000,
  };
  const { summary } = conclude(record, measured(false), endingAfter(state('lost', 25_000), told));
  expect(summary.notes).toContain(`box b was lost at 25 s: ${why}`);
  expect(summary.boxes?.[1]).toMatchObject({ isGone: true, silentMs: 35_000 });
});

it('a box that was lost and came back must have said all it had to say', () => {
  const back = [state('lost', 25_000), state('back', 30_000)];
  const whole = conclude(record, measured(true), endingAfter(...back)).summary;
  expect(whole.verdict).toBe('pass');
  expect(whole.notes).toEqual(['box b was lost at 25 s: no sign of life for 5.2 s, and came back']);
  expect(whole.boxes?.[1]).toMatchObject({ isGone: false, silentMs: 5000 });
  expect(conclude(record, measured(false), endingAfter(...back)).summary.verdict).toBe('invalid');
});

it('records and ticks that are missing are numbers in the report, and missing ticks make it invalid', () => {
  const totals = createTotals();
  const recorder = recorderOf(0);
  for (const event of healthyRun()) recorder.on(reported(event));
  for (const tick of recorder.takeTick(60_000, true)) addTick(totals, { ...tick, box: 'a' });
  for (const tick of recorderOf(0).takeTick(60_000, true)) addTick(totals, { ...tick, box: 'b', seq: 3 });
  const missing = { ...figures, missing: 3 } as LifecycleEvent;
  const { summary } = conclude(record, totals, endingAfter(missing));
  expect(summary.invalidReasons.map(({ code }) => code)).toEqual(['ticks_missing']);
  expect(summary.notes).toContain('box b: 3 of 21 records are missing');
  expect(summary.boxes?.[1]?.gaps).toBe(1);
});
