import { connect } from 'node:net';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { StageDrainJob, StageDrainOrder, StageDrainSnapshot } from './stage-job.js';

/**
 * Raw viewers of the stage in a process of their own: FLV reads one endless body; HLS makes two connections each
 * second on a fixed beat, one for the list and one for its new segment. Nothing is parsed beyond that.
 */
const job = JSON.parse(process.argv[2] ?? '') as StageDrainJob;
const LATE_MS = 500;
/** All sockets read into the same memory: what comes is counted, not kept. */
const scratch = Buffer.alloc(256 * 1024);

const zeros = (count: number): number[] => Array<number>(count).fill(0);
const flvBytes = zeros(job.flvViewers);
const hlsBytes = zeros(job.hlsViewers);
const hlsLists = zeros(job.hlsViewers);
const hlsSegments = zeros(job.hlsViewers);
const delay = monitorEventLoopDelay({ resolution: 5 });
let lateRounds = 0;
let failures = 0;
let stopped = false;

const add = (to: number[], index: number, value: number): void => {
  to[index] = (to[index] ?? 0) + value;
};

interface Exchange {
  readonly bytes: number;
  readonly text: string;
}

/** One request on one connection; resolves when it is closed. */
function ask(url: URL, keepText: boolean, onBytes: (count: number) => void): Promise<Exchange> {
  return new Promise((resolve) => {
    let bytes = 0;
    let text = '';
    const socket = connect({
      ...{ host: url.hostname, port: Number(url.port) },
      onread: {
        buffer: scratch,
        callback(count, memory) {
          bytes += count;
          onBytes(count);
          if (keepText) text += Buffer.from(memory.buffer, memory.byteOffset, count).toString('latin1');
          return true;
        },
      },
    });
    socket.on('error', () => failures++);
    socket.on('close', () => resolve({ bytes, text }));
    socket.write(
      `GET ${url.pathname}${url.search} HTTP/1.1\r\nHost: ${url.host}\r\nConnection: close\r\n\r\n`,
    );
  });
}

async function watchFlv(index: number): Promise<void> {
  await ask(new URL(job.flvUrl), false, (count) => add(flvBytes, index, count));
  if (!stopped) failures++;
}

async function watchHls(index: number): Promise<void> {
  const entry = new URL(job.hlsUrl);
  const count = (bytes: number): void => add(hlsBytes, index, bytes);
  const child = /^\/\S+m3u8\S*$/m.exec((await ask(entry, true, count)).text)?.[0];
  if (child === undefined) {
    failures++;
    return;
  }
  const list = new URL(child, entry);
  let last = '';
  for (let dueMs = performance.now(); !stopped; dueMs += 1000) {
    const waitMs = dueMs - performance.now();
    if (waitMs > 0) await new Promise((resolve) => setTimeout(resolve, waitMs));
    else if (waitMs < -LATE_MS) lateRounds++;
    const { text } = await ask(list, true, count);
    add(hlsLists, index, 1);
    // All that is new, as a player takes it: who polls just when a segment ends sees none once and two the next time.
    const names = text.split('\n').filter((line) => line.includes('.ts'));
    const fresh = names.slice(last === '' ? -1 : names.indexOf(last) + 1);
    for (const name of fresh) {
      const { bytes } = await ask(new URL(name, list), false, count);
      if (bytes > 0) add(hlsSegments, index, 1);
    }
    last = names.at(-1) ?? last;
  }
}

function snapshot(): StageDrainSnapshot {
  const { user, system } = process.cpuUsage();
  const eventLoopDelayP99Ms = delay.percentile(99) / 1e6;
  delay.reset();
  const activeMs = performance.eventLoopUtilization().active;
  const own = { atMs: performance.now(), cpuMs: (user + system) / 1000, activeMs, eventLoopDelayP99Ms };
  return { kind: 'snapshot', ...own, flvBytes, hlsBytes, hlsLists, hlsSegments, lateRounds, failures };
}

const total = job.flvViewers + job.hlsViewers;
for (let index = 0; index < total; index++) {
  const join = (): void => {
    // FLV and HLS viewers join in turn, so that neither kind comes as a block.
    const isFlv =
      Math.floor(((index + 1) * job.flvViewers) / total) > Math.floor((index * job.flvViewers) / total);
    if (isFlv) void watchFlv(flvJoined++);
    else void watchHls(hlsJoined++);
  };
  setTimeout(join, (index * job.spreadMs) / total);
}
let flvJoined = 0;
let hlsJoined = 0;
delay.enable();

process.on('message', (order: StageDrainOrder) => {
  if (order === 'snapshot') process.send?.(snapshot());
  else {
    stopped = true;
    process.exit(0);
  }
});
process.on('disconnect', () => process.exit(0));
