import { expect, onTestFinished, type TestContext, test } from 'vitest';
import type { Protocol } from '../../src/events.js';
import { needs } from './available.js';
import { waitUntil } from './child.js';
import { startDelayRelay } from './delay-relay.js';
import { startNginxRtmp } from './nginx-rtmp.js';
import { startNodeMediaServer } from './node-media-server.js';
import { startPublish } from './publish.js';
import { type JoinsSeen, spreadJoins } from './spread-joins.js';

/**
 * Latency against servers that we did not write: a delay that a relay puts between publisher and server, before
 * anybody joins, must appear in both latencies. One broadcast per server; each delay stands between two crowds without
 * one, so that a broadcaster that becomes slower is not taken for a delay.
 */
const KEY = 'delayed-show';
/** The suite takes one; DORAMI_LATENCY_DELAYS=500,1000,2000 takes all that are demanded. */
const DELAYS_MS = (process.env.DORAMI_LATENCY_DELAYS ?? '1000').split(',').map(Number);
const ARRIVAL_MS = 60;
const GLASS_TO_GLASS_MS = 100;
const STEADY_MS = 60;
const MAX_ATTEMPTS = 3;
const JOINS = 100;
/** A crowd that our own machine held up says nothing of the server: it is sent once more. */
const MAX_OWN_LATENESS_MS = 150;
const PUBLISH = ['--size', '160x90', '--bitrate', '200k', '--audio-bitrate', '48k', '--tune', 'zerolatency'];

interface Server {
  readonly rtmpUrl: string;
  readonly origin: string;
  log(): string;
  running(): boolean;
  stop(): Promise<void>;
}

interface Way {
  readonly protocol: Protocol;
  /** Until what the relay holds back has run through the server, beyond the delay. */
  readonly settleMs: number;
  readonly watchMs: number;
  /** What is asked for until the stream is there. */
  readonly path: string;
  rewrite?(url: string): string;
}

async function proveDelays(server: Server, way: Way): Promise<void> {
  onTestFinished(() => server.stop());
  const { hostname, port, pathname } = new URL(server.rtmpUrl.replace(/^rtmp:/, 'http:'));
  const relay = await startDelayRelay(Number(port));
  onTestFinished(() => relay.close());
  const to = `rtmp://${hostname}:${relay.port}${pathname}`;
  const publish = startPublish(['--to', to, '--stream-key', KEY, ...PUBLISH]);
  await publish.saysLine(/^on air$/m);
  const isThere = async (): Promise<boolean> => {
    const stop = new AbortController();
    const { ok } = await fetch(server.origin + way.path, { signal: stop.signal });
    stop.abort();
    return ok;
  };
  await waitUntil('the stream', isThere, { ...server, pid: publish.pid });
  const crowd = async (delayMs: number): Promise<JoinsSeen> => {
    await sleep(way.settleMs + delayMs);
    const options = {
      ...way,
      origin: server.origin,
      streamKey: KEY,
      joins: JOINS,
      watchMs: way.watchMs + delayMs,
    };
    const seen = await spreadJoins(options);
    return seen.lateMs <= MAX_OWN_LATENESS_MS ? seen : spreadJoins(options);
  };
  const tell = (text: string): void => {
    if (process.env.DORAMI_TEST_TELL === '1') process.stderr.write(`${text}\n`);
  };
  let before = await crowd(0);
  for (const delayMs of DELAYS_MS) {
    for (let attempt = 1; ; attempt++) {
      relay.setDelayMs(delayMs);
      const seen = await crowd(delayMs);
      relay.setDelayMs(0);
      const after = await crowd(0);
      const extra = {
        arrivalMs: seen.arrivalMs - (before.arrivalMs + after.arrivalMs) / 2,
        glassToGlassMs: seen.glassToGlassMs - (before.glassToGlassMs + after.glassToGlassMs) / 2,
      };
      const story = `${way.protocol} ${delayMs} ms: ${JSON.stringify({ extra, before, seen, after })}`;
      tell(story);
      // The broadcaster shares the machine: where it was slower before than after, the two say nothing.
      const steady = Math.abs(after.arrivalMs - before.arrivalMs) <= STEADY_MS;
      before = after;
      if (attempt < MAX_ATTEMPTS && (!steady || !isRight(extra, delayMs))) continue;
      expect(seen.viewers, story).toBeGreaterThanOrEqual(0.97 * JOINS);
      expect(seen.pictures, story).toBeGreaterThan(1000);
      expect(Math.abs(extra.arrivalMs - delayMs), story).toBeLessThanOrEqual(ARRIVAL_MS);
      expect(Math.abs(extra.glassToGlassMs - delayMs), story).toBeLessThanOrEqual(GLASS_TO_GLASS_MS);
      break;
    }
  }
}

function isRight(extra: { arrivalMs: number; glassToGlassMs: number }, delayMs: number): boolean {
  return (
    Math.abs(extra.arrivalMs - delayMs) <= ARRIVAL_MS &&
    Math.abs(extra.glassToGlassMs - delayMs) <= GLASS_TO_GLASS_MS
  );
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

const LIMIT_MS = 120_000 * DELAYS_MS.length;

test(
  'a delay before node-media-server appears in both latencies of HTTP-FLV viewers',
  async (context: TestContext) => {
    needs(context, 'node-media-server', 'ffmpeg');
    await proveDelays(await startNodeMediaServer(), {
      ...{ protocol: 'flv', settleMs: 2000, watchMs: 1500, path: `/live/${KEY}.flv` },
      rewrite: (url) => url.replace('/live/live/', '/live/'),
    });
  },
  LIMIT_MS,
);

test(
  'a delay before nginx-rtmp appears in both latencies of HLS viewers',
  async (context: TestContext) => {
    needs(context, 'nginx', 'nginx-rtmp', 'ffmpeg');
    await proveDelays(await startNginxRtmp(), {
      ...{ protocol: 'hls', settleMs: 4000, watchMs: 2500, path: `/hls/${KEY}.m3u8` },
    });
  },
  LIMIT_MS,
);
