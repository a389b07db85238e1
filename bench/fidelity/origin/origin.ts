import { randomBytes } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { join } from 'node:path';
import type { ClipName, Condition } from '../script.js';
import type { Side } from '../story.js';
import { createBreath } from './breathe.js';
import { clipFile } from './clip-file.js';
import { planFlv } from './flv-plan.js';
import { cutSegments } from './hls-timeline.js';
import { type OriginClock, originClock } from './origin-clock.js';
import { answerRequest } from './origin-http.js';
import { planProgramme } from './programme.js';
import { projectRoot } from './project-root.js';
import { createReel, type Reel } from './reel.js';
import { OriginSession, type SessionReport, type Stock } from './session.js';

/** Addresses of one viewer's stream. */
export interface SessionUrls {
  readonly key: string;
  readonly flvUrl: string;
  readonly hlsUrl: string;
}

export interface Origin {
  readonly port: number;
  /** Base URL, without a trailing slash. */
  readonly url: string;
  readonly clock: OriginClock;
  openSession(wanted: { condition: Condition; side: Side }): Promise<SessionUrls>;
  session(key: string): OriginSession | undefined;
  report(key: string): SessionReport | undefined;
  /** Closes the session's connections and forgets it. */
  closeSession(key: string): void;
  close(): Promise<void>;
}

/** Conditions whose media is kept: those of the runs that go on at the same time, and some more. */
const KEPT_STOCKS = 6;
/** Sessions beyond this many push out the oldest. */
const KEPT_SESSIONS = 64;
const HEARTBEAT_MS = 20;
/** Publisher's start to the run's end: what the clip holds, with some to spare. */
const LONGEST_MS = 120_000;
/** What the publisher does after the run's end is made, too: a page may still be there. */
const AFTER_END_MS = 5000;

/** Starts the origin on loopback. `port` 0 or absent: any free one. Makes the clips first if they are not cached. */
export async function startOrigin(options: { port?: number } = {}): Promise<Origin> {
  const cache = join(projectRoot(), 'node_modules', '.cache', 'dorami-load');
  const reels: Record<ClipName, Reel> = {
    plain: createReel(await clipFile('plain', cache)),
    bframes: createReel(await clipFile('bframes', cache)),
  };
  const sessions = new Map<string, OriginSession>();
  const stocks = new StockRoom(reels);
  const server = createServer();
  await listen(server, options.port ?? 0);
  const { port } = server.address() as AddressInfo;
  const url = `http://127.0.0.1:${port}`;
  const stopHeart = startHeart(sessions);
  const closeSession = (key: string): void => {
    sessions.get(key)?.close();
    sessions.delete(key);
  };
  const origin: Origin = {
    port,
    url,
    clock: originClock,
    async openSession({ condition, side }) {
      const stock = await stocks.of(condition);
      const key = `${condition.id}-${side}-${randomBytes(4).toString('hex')}`;
      for (const old of [...sessions.keys()].slice(0, Math.max(0, sessions.size - KEPT_SESSIONS + 1))) {
        closeSession(old);
      }
      sessions.set(key, new OriginSession(key, side, stock, originClock));
      return { key, flvUrl: `${url}/live/live/${key}.flv`, hlsUrl: `${url}/hls/${key}.m3u8` };
    },
    session: (key) => sessions.get(key),
    report: (key) => sessions.get(key)?.report(),
    closeSession,
    async close() {
      stopHeart();
      for (const key of [...sessions.keys()]) closeSession(key);
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  server.on('connection', (socket: Socket) => {
    socket.setNoDelay(true);
    socket.on('error', () => socket.destroy());
  });
  server.on('request', (request, response) => answerRequest(origin, request, response));
  return origin;
}

/** Media of the latest conditions, made once and shared by all sides and repeats. */
class StockRoom {
  readonly #reels: Readonly<Record<ClipName, Reel>>;
  readonly #kept = new Map<string, Promise<Stock>>();

  constructor(reels: Readonly<Record<ClipName, Reel>>) {
    this.#reels = reels;
  }

  of(condition: Condition): Promise<Stock> {
    const name = JSON.stringify(condition);
    const stock = this.#kept.get(name) ?? this.#make(condition);
    this.#kept.delete(name);
    this.#kept.set(name, stock);
    // What could not be made is not kept; whoever asked hears why.
    stock.catch(() => this.#kept.delete(name));
    const oldest = this.#kept.keys().next().value;
    if (this.#kept.size > KEPT_STOCKS && oldest !== undefined) this.#kept.delete(oldest);
    return stock;
  }

  async #make(condition: Condition): Promise<Stock> {
    const breathe = createBreath();
    const { script, seed, durationMs } = condition;
    const allMs = script.media.prerollMs + durationMs;
    if (!(allMs > 0 && allMs <= LONGEST_MS))
      throw new Error(`a run of ${allMs} ms: 1 to ${LONGEST_MS} can be served`);
    const endMs = durationMs + AFTER_END_MS;
    const programme = await planProgramme(script.media, this.#reels[script.media.clip], endMs, breathe);
    const timeline = await cutSegments(programme, breathe);
    const firstFlv = await planFlv(programme, script, seed, 0, breathe);
    return { condition, programme, timeline, firstFlv };
  }
}

/** Tells all sessions how long the event loop stood still. */
function startHeart(sessions: ReadonlyMap<string, OriginSession>): () => void {
  let lastMs = originClock.monotonicMs();
  const timer = setInterval(() => {
    const nowMs = originClock.monotonicMs();
    const lagMs = nowMs - lastMs - HEARTBEAT_MS;
    lastMs = nowMs;
    if (lagMs > 1) for (const session of sessions.values()) session.noteLag(lagMs);
  }, HEARTBEAT_MS);
  return () => clearInterval(timer);
}

async function listen(server: Server, port: number): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
}
