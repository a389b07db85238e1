import { expect, it } from 'vitest';
import { glance } from '../../test/support/dashboard-glance.js';
import type { LiveBox } from '../report/live-state.js';
import { createTotals } from '../stats/merge.js';
import { boxesState, MAX_BOX_ROWS } from './box-rows.js';
import { Dashboard } from './dashboard.js';

const box = (id: string, more: Partial<LiveBox> = {}): LiveBox => ({
  ...{ id, host: `host-${id}`, cores: 4, vus: 4, state: 'here', wasLost: false },
  ...more,
});
const WELL = { watching: 4, loopMs: 12, cpuCores: 1.5, clock: { offsetMs: 3.2, errorMs: 0.4 } };

it('a box has its viewers, loop delay, CPU and clock, and says that it is there', () => {
  const state = boxesState([box('a', WELL)]);
  expect(state).toMatchObject({ words: '1 of 1 boxes, with 4 of 4 viewers', more: 0 });
  expect(state?.tone).toBeUndefined();
  const [row] = state?.list ?? [];
  expect(row).toMatchObject({ name: 'a', host: 'host-a', state: 'here' });
  // 1.5 of 4 cores; a clock to which 3.2 ms are to be added is behind.
  expect(row?.figures.map(({ id, value }) => [id, value])).toEqual([
    ['share', 4],
    ['watching', 4],
    ['loop', 12],
    ['cpu', 37.5],
    ['clock', -3.2],
    ['clock_error', 0.4],
  ]);
});

it('a lost box comes first, with the reason, and none of its figures is a zero', () => {
  const lost = box('c', { state: 'lost', sinceMs: 32_000, why: 'no sign of life for 5.2 s' });
  const late = box('b', { state: 'late', sinceMs: 40_000 });
  const state = boxesState([box('a', { ...WELL, wasLost: true }), late, lost]);
  expect(state?.list.map(({ name, state: words, tone }) => [name, words, tone])).toEqual([
    ['c', 'lost since 0:32: no sign of life for 5.2 s', 'bad'],
    ['b', 'late since 0:40', 'warn'],
    ['a', 'here, after it was lost', undefined],
  ]);
  expect(state).toMatchObject({ words: '2 of 3 boxes, with 8 of 12 viewers', tone: 'bad' });
  const [share, ...others] = state?.list[0]?.figures ?? [];
  expect(share?.value).toBe(4);
  for (const { value, why } of others) expect([value, why !== undefined]).toEqual([null, true]);
});

it('an event loop that makes a run invalid is bad', () => {
  const toneAt = (loopMs: number) =>
    boxesState([box('a', { loopMs })])?.list[0]?.figures.find(({ id }) => id === 'loop')?.tone;
  expect([toneAt(50), toneAt(51)]).toEqual([undefined, 'bad']);
});

it('the list is bounded, and what is wrong is in it', () => {
  const many = Array.from({ length: 200 }, (_, i) => box(`b${i}`));
  const state = boxesState([...many, box('last', { state: 'lost' })]);
  expect(state?.list).toHaveLength(MAX_BOX_ROWS);
  expect(state?.more).toBe(201 - MAX_BOX_ROWS);
  expect(state?.list[0]?.name).toBe('last');
});

it('the page has them where there are several, and its panels do not count what a lost one said last', () => {
  const dashboard = new Dashboard({ nowMs: () => 0 });
  expect(dashboard.look(glance()).state.boxes).toBeUndefined();
  const totals = createTotals();
  for (const [name, open] of [
    ['a/0', 5],
    ['b/0', 7],
  ] as const) {
    const gauges = new Map([['connections_open_count', { seq: 0, value: open }]]);
    const worker = { seqs: totals.workers.get('')?.seqs, gauges, lastToMs: 0, ended: false };
    totals.workers.set(name, worker as never);
  }
  const boxes = [box('a', WELL), box('b', { state: 'lost' })];
  const { state } = dashboard.look(glance({ totals, live: { boxes } }));
  expect(state.boxes?.list.map(({ name }) => name)).toEqual(['b', 'a']);
  const open = state.panels
    .find(({ id }) => id === 'sockets')
    ?.groups[0]?.figures.find(({ id }) => id === 'open');
  expect(open?.value).toBe(5);
});
