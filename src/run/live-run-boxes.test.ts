import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { recorderOf } from '../../test/support/measured.js';
import { type Box, type BoxHandlers, type BoxNews, BoxRefused } from '../cluster/box.js';
import type { BoxFacts, BoxShare } from '../cluster/protocol.js';
import { resolveConfig } from '../config.js';
import type { ToWorker } from '../protocol.js';
import { createPlan } from '../scenarios/plan.js';
import type { ViewerIdentity } from '../target.js';
import type { BoxFigures } from './fleet.js';
import { liveRun, type Resumed } from './live-run.js';
import { changedPlan } from './plan-changed.js';
import { type AppendFile, RunFolder } from './run-folder.js';

const config = resolveConfig({ vus: '12', duration: '20s', profile: 'smoke' }, { cores: 4 });
const plan = createPlan(config.profile, config);
const BASE = 'http://127.0.0.1:1';
const TARGET = { apiUrl: BASE, socketUrl: BASE, flvUrl: BASE, hlsUrl: BASE, streamKey: 'secret-show' };

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

function factsOf(id: string, workers = 2, more: Partial<BoxFacts> = {}): BoxFacts {
  return {
    ...{ id, version: '1', nodeVersion: 'v20', hostname: `host-${id}`, cores: 4, memoryBytes: 1e9 },
    ...{ workers, weight: 1, allowTargets: [], ...more },
  };
}

/** A load box that does what the test says. */
class FakeBox implements Box {
  readonly id: string;
  readonly sent: ToWorker[] = [];
  share: BoxShare = { viewers: [] };
  destroyed = 0;
  ready: () => void = () => {};
  refuse: (error: Error) => void = () => {};
  end: () => void = () => {};
  readonly done = new Promise<void>((resolve) => {
    this.end = resolve;
  });

  readonly facts: BoxFacts;
  constructor(facts: BoxFacts) {
    this.facts = facts;
    this.id = facts.id;
  }

  prepare(_work: unknown, share: BoxShare): Promise<void> {
    this.share = share;
    return new Promise((resolve, reject) => {
      this.ready = resolve;
      this.refuse = reject;
    });
  }

  send(message: ToWorker): void {
    this.sent.push(message);
  }

  async destroy(): Promise<void> {
    this.destroyed++;
    this.end();
  }
}

const CLEAN: BoxFigures = { received: 20, duplicates: 0, missing: 0, garbage: 0 };

function rig({
  facts = ['a', 'b', 'c'].map((id) => factsOf(id)),
  tolerated = 0,
  identities = [] as readonly ViewerIdentity[],
  died = new Promise<string>(() => {}),
  resumed = undefined as Resumed | undefined,
} = {}) {
  const whole: { name: string; value: unknown }[] = [];
  const lines: Record<string, unknown>[] = [];
  const file: AppendFile = {
    appendFile: async (text) => {
      for (const line of text.trimEnd().split('\n')) lines.push(JSON.parse(line));
    },
    close: async () => {},
  };
  const boxes = facts.map((one) => new FakeBox(one));
  let handlers: BoxHandlers | undefined;
  const starts: number[] = [];
  const running = liveRun({
    ...{ config, plan, target: TARGET, identities },
    folder: Object.assign(new RunFolder('runs/x', file, file, () => {}), {
      writeJson: async (name: string, value: unknown) => void whole.push({ name, value }),
    }),
    ...(resumed === undefined ? {} : { resumed }),
    publisherClock: {
      ...{ state: { kind: 'same', servers: true }, record: { kind: 'same' } },
      check: { part: 'clock', status: 'ok', text: '' },
      follow() {},
      close() {},
    },
    fleet: {
      open: (theirs) => {
        handlers = theirs;
        return boxes;
      },
      remote: {
        ...{ run: 'r', place: 'here', tolerated, figures: () => CLEAN },
        hellos: [],
        taken: () => ({ head: 'h1', position: 0, boxes: {} }),
        begin: async () => {},
        stand: async () => {},
        died,
      },
    },
    stop: new Promise(() => {}),
    stageDied: new Promise(() => {}),
    onStart: async (startEpochMs) => void starts.push(startEpochMs),
    progressEveryMs: 5000,
    onProgress() {},
    describe: (changed) => changedPlan(config, changed, 0),
  });
  running.catch(() => {});
  const begin = async (): Promise<void> => {
    await turn();
    for (const box of boxes) box.ready();
    await turn();
  };
  const news = (box: string, state: BoxNews['state'], reason = 'no sign of life'): void =>
    handlers?.onState(box, { state, reason });
  return { boxes, running, lines, whole, starts, begin, news, told: () => handlers as BoxHandlers };
}

const turn = (): Promise<unknown> => vi.advanceTimersByTimeAsync(0);

it('gives each box its own viewers, and lets all go at one instant when the last one stands ready', async () => {
  const { boxes, starts, whole } = rig();
  await turn();
  boxes[0]?.ready();
  boxes[1]?.ready();
  await turn();
  expect(starts).toEqual([]);
  boxes[2]?.ready();
  await turn();
  expect(boxes.map(({ share }) => share.viewers.length)).toEqual([4, 4, 4]);
  const all = boxes.flatMap(({ share }) => share.viewers.map(({ vu }) => vu));
  expect(all.sort((a, b) => a - b)).toEqual(Array.from({ length: 12 }, (_, vu) => vu));
  const order = { kind: 'start', startEpochMs: starts[0] };
  expect(whole).toMatchObject([
    { name: 'progress.json', value: { v: 1, position: 0, events: { lines: 0 } } },
  ]);
  expect(boxes.map(({ sent }) => sent)).toEqual([[order], [order], [order]]);
  // Each box must have the order before its time has come.
  expect((starts[0] as number) - performance.timeOrigin - performance.now()).toBeGreaterThan(2500);
});

it('a box that refuses its work ends the run before anybody came', async () => {
  const { boxes, running, starts } = rig();
  await turn();
  boxes[0]?.ready();
  boxes[1]?.refuse(new BoxRefused('b', 'it may not load 10.0.0.1'));
  await expect(running).rejects.toThrow('b: it may not load 10.0.0.1');
  expect(starts).toEqual([]);
  expect(boxes.map(({ destroyed }) => destroyed)).toEqual([1, 1, 1]);
});

it('two viewers of one account are refused before any box has its work', async () => {
  const same = { userId: 'u', accessToken: 't' };
  const { running } = rig({ identities: [same, same] });
  await expect(running).rejects.toThrow(/two viewers have one account/);
});

it('more viewers than the boxes take are refused', async () => {
  const { running } = rig({ facts: ['a', 'b'].map((id) => factsOf(id, 2, { maxVus: 5 })) });
  await expect(running).rejects.toThrow('the boxes take 10 viewers, of 12');
});

it('a lost box ends the run: all leave, and the reason stands in the ending', async () => {
  const { boxes, running, begin, news, lines } = rig();
  await begin();
  news('b', 'late');
  await turn();
  expect(boxes[0]?.sent.at(-1)).toMatchObject({ kind: 'start' });
  news('b', 'lost', 'no sign of life for 5.2 s');
  await turn();
  expect(boxes.map(({ sent }) => sent.at(-1))).toEqual([
    { kind: 'leave' },
    { kind: 'leave' },
    { kind: 'leave' },
  ]);
  for (const box of boxes) box.end();
  const ending = (await running).ending.ending();
  expect(ending).toMatchObject({
    completed: true,
    boxesLost: 'box b was lost: no sign of life for 5.2 s',
    boxes: [{ box: 'a' }, { box: 'b', isGone: true }, { box: 'c' }],
  });
  expect(ending.stoppedBy).toBeUndefined();
  expect(lines.filter(({ kind }) => kind === 'box_state')).toMatchObject([
    { box: 'b', state: 'late', vus: 4 },
    { box: 'b', state: 'lost', vus: 4 },
  ]);
});

it('the death of the own broker ends the run within the bound, though no box hears that it should leave', async () => {
  let die: (why: string) => void = () => {};
  const died = new Promise<string>((resolve) => {
    die = resolve;
  });
  const { boxes, running, begin } = rig({ tolerated: 2, died });
  await begin();
  die('nats-server ended with SIGKILL');
  await turn();
  expect(boxes.map(({ sent }) => sent.at(-1)?.kind)).toEqual(['leave', 'leave', 'leave']);
  await vi.advanceTimersByTimeAsync(14_000);
  expect(boxes.map(({ destroyed }) => destroyed)).toEqual([0, 0, 0]);
  await vi.advanceTimersByTimeAsync(2000);
  expect((await running).ending.ending()).toMatchObject({
    boxesLost: 'the broker of the run is gone: nats-server ended with SIGKILL',
  });
});

it('when all are asked to leave, a lost box is waited for no more', async () => {
  const { boxes, running, begin, news } = rig();
  await begin();
  news('b', 'lost');
  await turn();
  boxes[0]?.end();
  boxes[2]?.end();
  expect((await running).ending.ending().completed).toBe(true);
});

it('a run that bears the loss of one box goes on, and ends at the second', async () => {
  const { boxes, running, begin, news } = rig({ tolerated: 1 });
  await begin();
  news('b', 'lost');
  await turn();
  expect(boxes[0]?.sent.at(-1)).toMatchObject({ kind: 'start' });
  news('b', 'back');
  news('c', 'lost');
  await turn();
  expect(boxes[0]?.sent.at(-1)).toMatchObject({ kind: 'start' });
  news('a', 'lost');
  await turn();
  expect(boxes[0]?.sent.at(-1)).toEqual({ kind: 'leave' });
  for (const box of boxes) box.end();
  expect((await running).ending.ending().boxesLost).toMatch(
    /box a was lost: .* \(2 boxes are lost, 1 may be\)$/,
  );
});

it('what the boxes send is one stream; event lines and a dead worker name their box', async () => {
  const { boxes, running, begin, told, lines } = rig();
  await begin();
  for (const box of ['a', 'b']) {
    for (const tick of recorderOf(0).takeTick(1000, true))
      told().onMessage(box, 0, { kind: 'tick', tick: { ...tick, box } });
  }
  told().onMessage('b', 1, { kind: 'notable', what: 'vu_lost', atMs: 5, vu: 7 });
  told().onDied('c', 1, 'out of memory');
  for (const box of boxes) box.end();
  const intake = await running;
  expect(intake.totals.tickCount).toBe(2);
  expect([...intake.totals.boxes.keys()]).toEqual(['a', 'b']);
  expect(lines.find(({ kind }) => kind === 'vu_lost')).toMatchObject({ box: 'b', worker: 1, vu: 7 });
  expect(intake.ending.ending().workersDied).toEqual([
    { box: 'c', worker: 1, vus: 2, reason: 'out of memory' },
  ]);
});

/** A run that began a while ago, with these lines in its folder. */
function resumedAt(agoMs: number, events: readonly Record<string, unknown>[]): Resumed {
  async function* lines() {
    for (const event of events) yield event as { kind: string };
  }
  async function* ticks() {}
  return {
    startEpochMs: Math.round(performance.timeOrigin + performance.now()) - agoMs,
    silentFromMs: agoMs - 4000,
    restore: (intake) => intake.restore({ written: 0, counts: {}, lines: events.length }, lines(), ticks()),
  };
}
const stateOf = (box: string, state: string, reason = 'no sign of life for 5.2 s') => ({
  ...{ kind: 'box_state', atMs: 3000, box, state, vus: 4, reason },
});

it('takes boxes up that go already: no work, the same start, and a line that says so', async () => {
  const resumed = resumedAt(10_000, []);
  const { boxes, running, lines, starts, told } = rig({ resumed });
  await turn();
  expect(boxes.map(({ share }) => share.viewers)).toEqual([[], [], []]);
  expect(starts).toEqual([resumed.startEpochMs]);
  const order = { kind: 'start', startEpochMs: resumed.startEpochMs };
  expect(boxes.map(({ sent }) => sent)).toEqual([[order], [order], [order]]);
  // Whom a thread carried is known all the same.
  told().onDied('b', 0, 'gone', { epoch: 'e', seq: 7 });
  for (const box of boxes) box.end();
  const ending = (await running).ending.ending();
  expect(ending).toMatchObject({ completed: true, workersDied: [{ box: 'b', worker: 0, vus: 2 }] });
  expect(ending.notes).toEqual(['the coordinator was gone after 0:06, and went on as a new process at 0:10']);
  expect(lines[0]).toMatchObject({ kind: 'coordinator_resumed', silentFromMs: 6000 });
  expect(lines[1]).toMatchObject({ kind: 'worker_died', record: 'b:e:7' });
});

it('a box that was lost to the dead coordinator is lost, told of once, and may come back', async () => {
  const resumed = resumedAt(10_000, [stateOf('b', 'lost')]);
  const { boxes, running, lines, news } = rig({ resumed, tolerated: 1 });
  await turn();
  news('b', 'lost', 'no sign of life for 5.2 s');
  news('b', 'back', 'it gives signs again');
  await turn();
  expect(boxes[0]?.sent).toHaveLength(1);
  for (const box of boxes) box.end();
  const ending = (await running).ending.ending();
  expect(lines.filter(({ kind }) => kind === 'box_state')).toMatchObject([{ state: 'back' }]);
  expect(ending.boxes?.find(({ box }) => box === 'b')).toMatchObject({ isGone: false, lostAtMs: 3000 });
  expect(ending.boxesLost).toBeUndefined();
});

it('one more lost than may be ends the run though its coordinator died before it could say so', async () => {
  const { boxes, running } = rig({ resumed: resumedAt(10_000, [stateOf('b', 'lost')]) });
  await turn();
  expect(boxes[0]?.sent.at(-1)).toEqual({ kind: 'leave' });
  for (const box of boxes) box.end();
  expect((await running).ending.ending().boxesLost).toBe('box b was lost: no sign of life for 5.2 s');
});

it('who had been asked to leave is asked again, and why is told once', async () => {
  const stopped = { kind: 'run_stopped', atMs: 5000, signal: 'SIGINT' };
  const { boxes, running, lines } = rig({ resumed: resumedAt(10_000, [stopped]) });
  await turn();
  expect(boxes.map(({ sent }) => sent.at(-1))).toEqual([
    { kind: 'leave' },
    { kind: 'leave' },
    { kind: 'leave' },
  ]);
  for (const box of boxes) box.end();
  expect((await running).ending.ending().stoppedBy).toBe('SIGINT');
  expect(lines.filter(({ kind }) => kind === 'run_stopped')).toEqual([]);
});

it('a run that is taken up after its end hears what was said in time, and is over within its grace', async () => {
  const { boxes, running } = rig({ resumed: resumedAt(60_000, []) });
  await vi.advanceTimersByTimeAsync(29_000);
  expect(boxes.map(({ destroyed }) => destroyed)).toEqual([0, 0, 0]);
  await vi.advanceTimersByTimeAsync(2000);
  expect((await running).ending.ending().completed).toBe(true);
});
