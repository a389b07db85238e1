import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi as vitest } from 'vitest';
import { flushMicrotasks, VirtualClock } from '../../test/support/virtual-clock.js';
import { MAX_WIRE_BYTES, readWire, recordSchema } from './agent-messages.js';
import { deliverLeft, findLeftOutboxes, outboxFolder } from './left-outbox.js';
import { LinkError, type LinkErrorCode } from './link.js';
import { Outbox, type OutboxRecord } from './outbox.js';
import { makeRingFolder, type RingDisk, RingFiles, readLeftRing } from './ring-files.js';

/** A broker that takes records, or fails as it is told. */
class Broker {
  readonly got: { seq: number; kind: string; id: string }[] = [];
  failure: LinkErrorCode | undefined;
  /** Takes it, and loses the acknowledgement. */
  losesAcks = false;
  #ups: ((isUp: boolean) => void)[] = [];

  async append(_subject: string, payload: Uint8Array, id: string): Promise<{ isDuplicate: boolean }> {
    await flushMicrotasks();
    if (this.failure !== undefined) throw new LinkError(this.failure, 'told to');
    const record = readWire(recordSchema, payload, 'a record');
    const isDuplicate = this.got.some((one) => one.id === id);
    if (!isDuplicate) this.got.push({ seq: 'seq' in record ? record.seq : 0, kind: record.kind, id });
    if (this.losesAcks) throw new LinkError('timeout', 'told to');
    return { isDuplicate };
  }

  onUp(listener: (isUp: boolean) => void) {
    this.#ups.push(listener);
    return { close() {} };
  }

  comeBack(): void {
    this.failure = undefined;
    for (const up of this.#ups) up(true);
  }

  get seqs(): number[] {
    return this.got.map(({ seq }) => seq).sort((a, b) => a - b);
  }
}

/** Files take their time on a busy machine. */
const eventually = (check: () => unknown, timeout = 10_000) =>
  vitest.waitFor(check, { timeout, interval: 5 });

const message = (size = 10): OutboxRecord => ({
  kind: 'message',
  worker: 0,
  message: { kind: 'ready', pad: 'x'.repeat(size) },
});
async function recordsIn(folder: string): Promise<number> {
  let count = 0;
  for await (const _ of readLeftRing(folder)) count += 1;
  return count;
}
const upTo = (n: number): number[] => Array.from({ length: n }, (_, i) => i + 1);

async function world(
  options: {
    disk?: RingDisk;
    maxBytes?: number;
    segmentBytes?: number;
    maxMemoryBytes?: number;
    dir?: string;
    epoch?: string;
  } = {},
) {
  const dir = options.dir ?? (await mkdtemp(join(tmpdir(), 'outbox-')));
  onTestFinished(() => rm(dir, { recursive: true, force: true }));
  const epoch = options.epoch ?? 'e1';
  const folder = outboxFolder(dir, 'run', epoch);
  await makeRingFolder(folder);
  const { segmentBytes = 2000, maxBytes = 1e6, disk, maxMemoryBytes } = options;
  const ring = new RingFiles(folder, { segmentBytes, maxBytes }, ...(disk ? [disk] : []));
  const broker = new Broker();
  const clock = new VirtualClock();
  const said: string[] = [];
  const outbox = new Outbox({
    ...{ link: broker, clock, ring, subject: 's', run: 'run', box: 'a', epoch },
    say: (words) => said.push(words),
    ...(maxMemoryBytes === undefined ? {} : { maxMemoryBytes }),
  });
  onTestFinished(() => outbox.close());
  return { dir, folder, ring, broker, clock, outbox, said };
}

test('records reach the broker in the end whatever fails on the way, and leave the disk then', async () => {
  const { outbox, broker, clock, folder, ring } = await world();
  broker.failure = 'timeout';
  for (let i = 0; i < 200; i++) outbox.add(message(100));
  await eventually(() => expect(ring.bytes).toBeGreaterThan(20_000));
  expect(broker.got).toEqual([]);
  broker.failure = undefined;
  const empty = outbox.empty();
  await eventually(async () => {
    await clock.run(600);
    expect(broker.seqs).toEqual(upTo(200));
  });
  await empty;
  expect(outbox.state).toEqual({ waiting: 0, unsaved: 0, dropped: 0 });
  await eventually(async () => expect((await readdir(folder)).length).toBeLessThanOrEqual(1));
  await outbox.close();
  await expect(readdir(folder)).rejects.toThrow('ENOENT');
});

test('a lost acknowledgement sends a record again under the same id', async () => {
  const { outbox, broker, clock } = await world();
  broker.losesAcks = true;
  outbox.add(message());
  await eventually(() => expect(broker.seqs).toEqual([1]));
  expect(outbox.state.waiting).toBe(1);
  broker.losesAcks = false;
  await eventually(async () => {
    await clock.run(600);
    expect(outbox.state.waiting).toBe(0);
  });
  expect(broker.got).toEqual([{ seq: 1, kind: 'message', id: 'a:e1:1' }]);
});

test('a connection that is back sends at once, without waiting for the next try', async () => {
  const { outbox, broker } = await world();
  broker.failure = 'closed';
  outbox.add(message());
  await eventually(() => expect(outbox.state.waiting).toBe(1));
  await flushMicrotasks();
  broker.comeBack();
  await eventually(() => {
    broker.comeBack();
    expect(broker.seqs).toEqual([1]);
  });
});

test('what a killed process had written is sent by the next one, torn records are not, and the end of it is said', async () => {
  const first = await world();
  first.broker.failure = 'closed';
  for (let i = 0; i < 50; i++) first.outbox.add(message(100));
  await eventually(() => expect(first.outbox.state.waiting).toBe(50));
  await eventually(async () => expect(await recordsIn(first.folder)).toBe(50), 10_000);
  // No close: kill -9.
  const { broker, clock } = await world({ dir: first.dir, epoch: 'e2' });
  const [left, ...more] = await findLeftOutboxes(first.dir, 'e2', Date.now());
  expect(more).toEqual([]);
  expect(left).toMatchObject({ run: 'run', epoch: 'e1' });
  if (left === undefined) throw new Error('nothing left');
  const { appendFile } = await import('node:fs/promises');
  const last = (await readdir(left.folder)).sort().at(-1) ?? '';
  await appendFile(join(left.folder, last), Buffer.from([200, 0, 0, 0, 1, 2, 3, 4, 5]));
  const sent = await deliverLeft(left, {
    link: broker,
    clock,
    box: 'a',
    subject: () => 's',
    isWanted: () => true,
  });
  expect(sent).toBe(50);
  expect(broker.seqs).toEqual([0, ...upTo(50)]);
  expect(broker.got.at(-1)).toEqual({ seq: 0, kind: 'gone', id: 'a:e1:gone' });
  await expect(readdir(left.folder)).rejects.toThrow('ENOENT');
});

test('what nobody takes stays on disk for the next process', async () => {
  const first = await world();
  first.broker.failure = 'closed';
  first.outbox.add(message());
  await eventually(() => expect(first.ring.bytes).toBeGreaterThan(0), 10_000);
  const { broker, clock } = await world({ dir: first.dir, epoch: 'e2' });
  broker.failure = 'no_responders';
  const [left] = await findLeftOutboxes(first.dir, 'e2', Date.now());
  if (left === undefined) throw new Error('nothing left');
  const deps = { link: broker, clock, box: 'a', subject: () => 's', isWanted: () => true };
  expect(await deliverLeft(left, deps)).toBeUndefined();
  expect(await findLeftOutboxes(first.dir, 'e2', Date.now())).toHaveLength(1);
  expect(await findLeftOutboxes(first.dir, 'e2', Date.now() + 25 * 3_600_000)).toEqual([]);
});

test('a disk that fails is said once, the records are sent from memory and counted as unsaved', async () => {
  const disk: RingDisk = {
    create: () => Promise.reject(Object.assign(new Error('no space left'), { code: 'ENOSPC' })),
    remove: async () => {},
  };
  const { outbox, broker, said } = await world({ disk });
  for (let i = 0; i < 20; i++) outbox.add(message());
  await eventually(() => expect(broker.seqs).toEqual(upTo(20)));
  expect(outbox.state).toEqual({ waiting: 0, unsaved: 20, dropped: 0 });
  expect(said).toEqual(['its disk fails (ENOSPC): records are kept in memory only']);
});

test('a full ring and full memory lose records, by number, and the last one still gets out', async () => {
  const { outbox, broker, clock, said } = await world({ maxBytes: 1000, maxMemoryBytes: 5000 });
  broker.failure = 'timeout';
  for (let i = 0; i < 100; i++) outbox.add(message(100));
  outbox.add({ kind: 'done', unsaved: 0, dropped: 0 }, true);
  const { dropped } = outbox.state;
  expect(dropped).toBeGreaterThan(50);
  broker.failure = undefined;
  await eventually(async () => {
    await clock.run(600);
    expect(outbox.state.waiting).toBe(0);
  });
  const kept = 100 - dropped;
  expect(broker.seqs).toEqual([...upTo(kept), 101, 102]);
  expect(
    broker.got
      .slice(-2)
      .map(({ kind }) => kind)
      .sort(),
  ).toEqual(['done', 'dropped']);
  expect(said).toHaveLength(2);
});

test('memory stays bounded while the broker is away and the disk has room: records are read back', async () => {
  const { outbox, broker, clock, ring } = await world({ maxMemoryBytes: 4000 });
  broker.failure = 'timeout';
  for (let i = 0; i < 100; i++) {
    const onDisk = ring.bytes;
    outbox.add(message(100));
    expect(outbox.state.waiting).toBe(i + 1);
    // However slow the disk is: what is not on it yet has to be in memory.
    await eventually(() => expect(ring.bytes).toBeGreaterThan(onDisk));
  }
  expect(outbox.state).toEqual({ waiting: 100, unsaved: 0, dropped: 0 });
  broker.failure = undefined;
  await eventually(async () => {
    await clock.run(600);
    expect(broker.seqs).toEqual(upTo(100));
  });
});

test('a record that is read back while the outbox closes is not lost: it stays for the next process', async () => {
  const reads: ((error: Error) => void)[] = [];
  const disk: RingDisk = {
    create: async () => ({
      append: async () => {},
      read: () => new Promise((_, reject) => void reads.push(reject)),
      close: async () => {
        for (const reject of reads)
          reject(Object.assign(new Error('bad file descriptor'), { code: 'EBADF' }));
      },
    }),
    remove: async () => {},
  };
  const { outbox, broker, said, ring } = await world({ disk, maxMemoryBytes: 200 });
  broker.failure = 'timeout';
  outbox.add(message(100));
  await eventually(() => expect(ring.bytes).toBeGreaterThan(0));
  broker.comeBack();
  await eventually(() => expect(reads).not.toEqual([]));
  await outbox.close();
  await flushMicrotasks();
  expect(outbox.state).toEqual({ waiting: 1, unsaved: 0, dropped: 0 });
  expect(said).toEqual([]);
});

test('a record that the broker finds too large is lost by number, and does not stop the others', async () => {
  const { outbox, broker } = await world();
  broker.failure = 'too_large';
  outbox.add(message());
  await eventually(() => expect(outbox.state.dropped).toBeGreaterThan(0));
  broker.failure = undefined;
  outbox.add(message());
  await eventually(() => expect(outbox.state.waiting).toBe(0));
  expect(broker.got.filter(({ kind }) => kind === 'message')).toHaveLength(1);
});

test('a record longer than the other end reads is lost by number before it is written, and the next ones are not', async () => {
  const { outbox, broker, clock, ring } = await world({ segmentBytes: 2 ** 20 });
  broker.failure = 'timeout';
  outbox.add(message(MAX_WIRE_BYTES));
  outbox.add(message());
  outbox.add({ kind: 'done', unsaved: 0, dropped: 1 }, true);
  await eventually(() => expect(ring.bytes).toBeGreaterThan(300));
  expect(ring.bytes).toBeLessThan(1000);
  broker.failure = undefined;
  await eventually(async () => {
    await clock.run(600);
    expect(outbox.state).toEqual({ waiting: 0, unsaved: 0, dropped: 1 });
  });
  expect(broker.got.map(({ seq, kind }) => `${seq} ${kind}`).sort()).toEqual([
    ...['2 dropped', '3 message', '4 done'],
  ]);
});

test('of what a killed process left, one record that the broker takes from nobody does not hold up the others', async () => {
  const first = await world();
  first.broker.failure = 'closed';
  for (let i = 0; i < 3; i++) first.outbox.add(message(i === 1 ? 500 : 10));
  await eventually(async () => expect(await recordsIn(first.folder)).toBe(3));
  const { broker, clock } = await world({ dir: first.dir, epoch: 'e2' });
  const [left] = await findLeftOutboxes(first.dir, 'e2', Date.now());
  if (left === undefined) throw new Error('nothing left');
  const link = {
    append: async (subject: string, payload: Uint8Array, id: string) => {
      if (payload.byteLength > 500) throw new LinkError('too_large', 'told to');
      return await broker.append(subject, payload, id);
    },
  };
  await deliverLeft(left, { ...{ link, clock, box: 'a' }, subject: () => 's', isWanted: () => true });
  expect(broker.got.map(({ seq, kind }) => `${seq} ${kind}`).sort()).toEqual([
    ...['0 gone', '1 message', '3 message'],
  ]);
});
