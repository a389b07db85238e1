import { mkdir, mkdtemp, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { FaultyBroker } from '../../test/support/faulty-broker.js';
import { healthyRun, recorderOf, reported } from '../../test/support/measured.js';
import { recordOf } from '../../test/support/run-record.js';
import { flushMicrotasks, VirtualClock } from '../../test/support/virtual-clock.js';
import { type Hello, writeWire } from '../cluster/agent-messages.js';
import type { BoxHandlers } from '../cluster/box.js';
import type { RemoteBox } from '../cluster/remote-box.js';
import { type FleetState, RemoteFleet } from '../cluster/remote-fleet.js';
import { runNames } from '../cluster/wire-names.js';
import { createRedact } from '../redact.js';
import { createRng, type Rng } from '../rng.js';
import { Boxes } from './boxes.js';
import { type Conclusion, conclude } from './conclude.js';
import { parseEventLine } from './event-lines.js';
import type { FleetRecord } from './fleet-record.js';
import { Intake } from './intake.js';
import { judgeFolder } from './judge-command.js';
import { ProgressKeeper, readProgress } from './progress.js';
import { figuresOf } from './remote-boxes.js';
import { RUN_FILES, type RunFolder } from './run-folder.js';
import { openRunFolder, restoreIntake } from './take-up-folder.js';

const CUTS = 30;
const END_MS = 60_000;
const RUN = 'run1';
const BOXES = ['a', 'b'] as const;

let root: string;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'take-up-'));
});
afterAll(() => rm(root, { recursive: true, force: true }));

const helloOf = (id: string): Hello => ({
  ...{ kind: 'hello', epoch: `e-${id}`, publicKey: 'AAAA' },
  facts: {
    ...{ id, version: '1.0.0', nodeVersion: 'v20', hostname: `host-${id}`, cores: 2, memoryBytes: 1e9 },
    ...{ workers: 1, weight: 1, allowTargets: [] },
  },
});
const HELLOS = BOXES.map(helloOf);

const fleetRecord: FleetRecord = {
  ...{ run: RUN, place: 'here', tolerated: 0 },
  boxes: BOXES.map((id) => ({
    ...{ id, hostname: `host-${id}`, cores: 2, memoryBytes: 1e9, version: '1.0.0', nodeVersion: 'v20' },
    ...{ workers: 1, vus: 25, users: 25, byProtocol: { hls: 18, flv: 7 } },
  })),
};
const record = recordOf({ fleet: fleetRecord, workers: 2 });

/** What one box says in its run: ticks, and more kinds of events than its coordinator writes down. */
function saidBy(box: string, events: ReturnType<typeof healthyRun>): Record<string, unknown>[] {
  const recorder = recorderOf(0);
  const said: Record<string, unknown>[] = [];
  const say = (message: object): void => void said.push({ kind: 'message', worker: 0, message });
  const waiting = [...events].sort((one, other) => one.atMs - other.atMs);
  let next = 0;
  for (let toMs = 5000; toMs <= END_MS; toMs += 5000) {
    for (let event = waiting[next]; event && event.atMs < toMs; event = waiting[++next])
      recorder.on(reported(event));
    for (let i = 0; i < 12; i++)
      say({ kind: 'notable', what: 'chat_echo_lost', atMs: toMs - 100 + i, vu: i, detail: `${box} ${i}` });
    say({ kind: 'notable', what: 'order_created', atMs: toMs - 50, vu: 1, detail: `order-${box}-${toMs}` });
    say({ kind: 'troubled', fromMs: toMs - 5000, toMs, vus: { stall: [toMs / 5000, 3] } });
    for (const tick of recorder.takeTick(toMs, toMs === END_MS))
      say({ kind: 'tick', tick: { ...tick, box } });
  }
  said.push({ kind: 'done', unsaved: 0, dropped: 0 });
  return said;
}

interface Message {
  readonly subject: string;
  readonly payload: Uint8Array;
  readonly sequence: number;
}

/** The stream of both boxes, as it may look: out of order by a little, some of it twice, garbage between. */
function streamOf(rng: Rng, isSick: boolean): Message[] {
  const { dataOf } = runNames(RUN);
  const [a, b] = [saidBy('a', healthyRun()), saidBy('b', [])];
  // A thread of b dies, and its last words are no tick.
  if (isSick) {
    b.splice(40, 0, { kind: 'died', worker: 0, reason: 'out of memory' });
    b.splice(60, 0, { kind: 'message', worker: 0, message: { kind: 'tick', tick: { v: 2 } } });
  }
  const sent = [a, b].flatMap((said, index) => {
    const box = BOXES[index] ?? '';
    return said.flatMap((one, i) => {
      const payload = writeWire({ v: 1, run: RUN, box, epoch: `e-${box}`, seq: i + 1, ...one });
      const place = (): number => i + rng.next() * 20;
      const once = { subject: dataOf(box), payload, place: place() };
      return rng.next() < 0.05 ? [once, { ...once, place: once.place + rng.next() * 20 }] : [once];
    });
  });
  const garbage = isSick ? [{ subject: dataOf('a'), payload: writeWire(['what']), place: 70 }] : [];
  return [...sent, ...garbage]
    .sort((one, other) => one.place - other.place)
    .map(({ subject, payload }, i) => ({ subject, payload, sequence: i + 1 }));
}

/** One process of the coordinator, over a broker that holds what it is shown. */
async function coordinator(path: string, isFirst: boolean) {
  const broker = new FaultyBroker(new VirtualClock());
  const folder = await openRunFolder(path, (failure) => expect(failure).toBe(''));
  /** What was handed to its folder, in order. */
  const handed: { readonly name: string; readonly bytes: number }[] = [];
  const noted = (name: string, line: string): void =>
    void handed.push({ name, bytes: Buffer.byteLength(line) + 1 });
  const intake = new Intake(
    Object.assign(Object.create(folder) as RunFolder, {
      appendTick(line: string) {
        noted(RUN_FILES.ticks, line);
        folder.appendTick(line);
      },
      appendEvent(line: string) {
        noted(RUN_FILES.events, line);
        folder.appendEvent(line);
      },
    }),
    createRedact([]),
  );
  const progress = isFirst ? undefined : await readProgress(path);
  if (progress !== undefined) await restoreIntake(path, progress.events, intake);
  const before: FleetState | undefined = progress && {
    position: progress.position,
    boxes: Object.fromEntries(
      Object.entries(progress.boxes).map(([id, box]) => [id, { ...box, isLost: false }]),
    ),
  };
  let boxes: RemoteBox[] = [];
  let told: BoxHandlers | undefined;
  const open = (theirs: BoxHandlers): RemoteBox[] => {
    told = theirs;
    boxes = HELLOS.map((hello) => fleet.box(hello));
    return boxes;
  };
  const fleet = await RemoteFleet.open({
    ...{ link: broker.link(), clock: broker.clock, run: RUN, head: 'h', version: '1.0.0' },
    seal: (_key, plain) => plain,
    handlers: {
      onMessage: (...of) => told?.onMessage(...of),
      onDied: (...of) => told?.onDied(...of),
      onState: (...of) => told?.onState(...of),
    },
    say() {},
    ...(before === undefined ? {} : { before }),
  });
  const remote = {
    ...{ run: RUN, place: 'here', tolerated: 0, hellos: HELLOS, died: new Promise<string>(() => {}) },
    taken: () => fleet.state,
    figures: (id: string) => figuresOf(boxes.find((box) => box.id === id)),
    begin: () => fleet.listen(),
    stand: async () => {},
  };
  const all = new Boxes({ fleet: { open, remote }, intake, atMs: () => 0, onTooManyLost() {} });
  const crowd = {
    ...{ config: { maxVus: 50 }, plan: { vus: 50, protocolOf: () => 'hls' as const }, identities: [] },
  };
  await all.takeUp(crowd, new Map());
  const keeper = new ProgressKeeper({
    folder,
    look: () => ({
      ...{ v: 1, savedEpochMs: 0, atMs: 30_000, hellos: HELLOS },
      ...fleet.state,
      events: intake.state,
    }),
  });
  return {
    ...{ folder, intake, keeper, handed, boxes: all },
    async shown(messages: readonly Message[]): Promise<void> {
      broker.streamOf(runNames(RUN).dataOf('a'))?.messages.splice(0, 1e9, ...messages);
      for (const reader of broker.readers) reader.pump();
      while (fleet.state.position < messages.length) await flushMicrotasks();
    },
    close: () => fleet.close(false),
  };
}

type Coordinator = Awaited<ReturnType<typeof coordinator>>;

async function ended({ folder, intake, boxes, close }: Coordinator, path: string) {
  boxes.noteFigures();
  intake.end(END_MS);
  await folder.close();
  await close();
  const live = conclude(record, intake.totals, intake.ending.ending(), intake.moments);
  return { live, judged: await judgeFolder(path), counts: intake.state.counts };
}

async function emptyFolder(name: string): Promise<string> {
  const path = join(root, name);
  await mkdir(path);
  await writeFile(join(path, RUN_FILES.run), JSON.stringify(record));
  for (const file of [RUN_FILES.ticks, RUN_FILES.events]) await writeFile(join(path, file), '');
  return path;
}

/**
 * As a coordinator leaves it that was killed while it wrote: each file ends at any byte behind what it was known to hold,
 * and no tick stands there whose events do not.
 */
async function killAt(
  path: string,
  [ticks = 0, events = 0]: readonly number[],
  handed: Coordinator['handed'],
  rng: Rng,
): Promise<void> {
  const [allTicks = 0, allEvents = 0] = await sizes(path);
  const anywhere = (from: number, to: number): number => from + Math.floor(rng.next() * (to - from + 1));
  const ticksLeft = anywhere(ticks, allTicks);
  let [tickBytes, before, needed] = [0, 0, events];
  for (const { name, bytes } of handed) {
    if (name === RUN_FILES.events) before += bytes;
    else if (tickBytes < ticksLeft) {
      tickBytes += bytes;
      needed = Math.max(needed, before);
    }
  }
  await truncate(join(path, RUN_FILES.ticks), ticksLeft);
  await truncate(join(path, RUN_FILES.events), anywhere(needed, allEvents));
}

const sizes = (path: string): Promise<number[]> =>
  Promise.all([RUN_FILES.ticks, RUN_FILES.events].map(async (name) => (await stat(join(path, name))).size));

const linesOf = async (path: string, name: string): Promise<string[]> =>
  (await readFile(join(path, name), 'utf8'))
    .split('\n')
    .filter((line) => line !== '' && !/^."kind":"(coordinator_resumed|run_ended)"/.test(line))
    .sort();

/** In events.ndjson a line that was being written stays as it is, behind its whole one. */
function isWhole(line: string): boolean {
  return line.endsWith('}') && parseEventLine(line) !== undefined;
}

const withoutNote = ({ summary, reason }: Conclusion, note: string): object => ({
  summary: { ...summary, notes: summary.notes.filter((one) => one !== note) },
  reason,
});

test.each([
  ['well', false],
  ['with a dead thread and garbage', true],
])(
  'a run %s whose coordinator is killed at any message and any byte ends with the summary that it would have had, but for a note',
  async (name, isSick) => {
    const rng = createRng(7, name);
    const messages = streamOf(rng, isSick);
    const whole = await emptyFolder(`${isSick}-whole`);
    const only = await coordinator(whole, true);
    await only.shown(messages);
    const expected = await ended(only, whole);
    expect(expected.judged).toEqual(expected.live);
    expect(expected.live.summary.orders.ids).toHaveLength(24);
    const counts: Record<string, number> = { ...expected.counts, coordinator_resumed: 1 };
    for (let cut = 0; cut < CUTS; cut++) {
      const path = await emptyFolder(`${isSick}-${cut}`);
      const first = await coordinator(path, true);
      const savedAt = Math.floor(rng.next() * messages.length);
      const killedAt = savedAt + Math.floor(rng.next() * (messages.length - savedAt + 1));
      await first.shown(messages.slice(0, savedAt));
      await first.keeper.save();
      const known = await sizes(path);
      await first.shown(messages.slice(0, killedAt));
      await first.folder.close();
      await first.close();
      await killAt(path, known, first.handed, rng);
      const second = await coordinator(path, false);
      second.intake.note({ kind: 'coordinator_resumed', atMs: 45_000, silentFromMs: 30_000 });
      await second.shown(messages);
      const { live, judged, counts: seen } = await ended(second, path);
      const note = 'the coordinator was gone after 0:30, and went on as a new process at 0:45';
      expect(live.summary.notes).toContain(note);
      expect(judged).toEqual(live);
      expect(withoutNote(live, note)).toEqual(expected.live);
      expect(seen).toEqual(counts);
      expect(await linesOf(path, RUN_FILES.ticks)).toEqual(await linesOf(whole, RUN_FILES.ticks));
      const events = (await linesOf(path, RUN_FILES.events)).filter(isWhole);
      expect(events).toEqual(await linesOf(whole, RUN_FILES.events));
    }
  },
);
