import { type ClockState, FollowedClock } from '../../src/clock/clock-state.js';
import type { Protocol } from '../../src/events.js';
import { createAllowList } from '../../src/net/allow-list.js';
import { createHttpFactory } from '../../src/net/http-node.js';
import { createPagePlayer } from '../../src/players/page-player.js';
import { DORAMI_PAGE } from '../../src/players/profiles.js';
import { createRng } from '../../src/rng.js';
import type { Http } from '../../src/seams.js';
import { createClock } from '../../src/seams-node.js';
import { median } from './publish.js';

/** A coprime step, so that joins fall on different instants of a period of a second, and spread evenly over it. */
const STEP_MS = 61;

export interface JoinsOptions {
  readonly protocol: Protocol;
  readonly origin: string;
  readonly streamKey: string;
  readonly joins: number;
  /** How long each viewer stays. */
  readonly watchMs: number;
  /** Where the server has what the page asks for elsewhere. */
  rewrite?(url: string): string;
}

/** What a crowd saw: medians in ms, and how many viewers and pictures they are of. */
export interface JoinsSeen {
  readonly glassToGlassMs: number;
  readonly arrivalMs: number;
  readonly viewers: number;
  readonly pictures: number;
  /** Longest time that this process's own event loop was late. */
  readonly lateMs: number;
}

const SAME: ClockState = { kind: 'same', servers: true };

/** Sends viewers one after another, each for a while; the publisher runs on this machine. */
export async function spreadJoins(options: JoinsOptions): Promise<JoinsSeen> {
  const clock = createClock(performance.timeOrigin + performance.now());
  const factory = createHttpFactory({ clock, allowList: createAllowList([]) });
  const publisherClock = new FollowedClock(() => clock.epochMs(), SAME);
  const perViewer: number[] = [];
  const arrivals: number[] = [];
  const viewer = async (index: number): Promise<void> => {
    await new Promise<void>(
      (resolve) => void clock.after(Math.max(0, index * STEP_MS - clock.nowMs()), resolve),
    );
    const http = rewriting(factory.forViewer(), options.rewrite);
    let lastMs: number | undefined;
    const { origin, streamKey, protocol } = options;
    const player = createPagePlayer({
      ...{ clock, http, publisherClock, rng: createRng(1, index), profile: DORAMI_PAGE },
      headers: {},
      target: { apiUrl: origin, socketUrl: origin, flvUrl: origin, hlsUrl: origin, streamKey },
      startWith: protocol,
      emit(event) {
        if (event.protocol !== protocol) return;
        if (event.kind === 'latency') lastMs = event.latencyMs;
        else if (event.kind === 'arrived') arrivals.push(...event.latenciesMs);
      },
    });
    player.start();
    await new Promise<void>((resolve) => void clock.after(options.watchMs, resolve));
    player.sample(clock.nowMs());
    player.stop();
    http.close();
    if (lastMs !== undefined) perViewer.push(lastMs);
  };
  const late = watchLateness();
  await Promise.all(Array.from({ length: options.joins }, (_, index) => viewer(index)));
  return {
    glassToGlassMs: median(perViewer),
    arrivalMs: median(arrivals),
    viewers: perViewer.length,
    pictures: arrivals.length,
    lateMs: late(),
  };
}

function rewriting(http: Http, rewrite: (url: string) => string = (url) => url): Http {
  return {
    stream: (request, sink, options) => http.stream({ ...request, url: rewrite(request.url) }, sink, options),
    text: (request, options) => http.text({ ...request, url: rewrite(request.url) }, options),
    close: () => http.close(),
  };
}

function watchLateness(): () => number {
  let dueAtMs = performance.now() + 20;
  let worstMs = 0;
  const timer = setInterval(() => {
    worstMs = Math.max(worstMs, performance.now() - dueAtMs);
    dueAtMs = performance.now() + 20;
  }, 20);
  return () => {
    clearInterval(timer);
    return worstMs;
  };
}
