import type { ViewerEvent } from '../events.js';
import type { OpenPlayer, PlayerObserver } from '../players/player.js';
import type { Cancel, Clock, Http, SocketHub } from '../seams.js';
import type { ViewerIdentity } from '../target.js';
import { lineOfEvent } from './event-lines.js';
import { formatLine, type TraceLine } from './line.js';
import { Mask } from './mask.js';
import { type TapDeps, TapHttp } from './tap-http.js';
import { tapHub } from './tap-sockets.js';

/** How often the buffer is looked at and lines are sent on. */
export const LOOK_EVERY_MS = 250;
/** A look that comes later than this was held up by our own event loop. */
const LAG_MS = 50;
/** Lines between two sendings; what comes beyond is counted. */
export const MAX_WAITING_LINES = 2000;

export interface ViewerTraceDeps {
  readonly clock: Clock;
  readonly streamKey: string;
  /** Takes lines as they are to be written, without their newlines. */
  send(lines: readonly string[]): void;
}

/** One visit of a traced viewer: its seams with a tap on each. */
export interface TracedVisit {
  readonly http: Http;
  readonly hub: SocketHub;
  readonly observer: PlayerObserver;
  /** The player whose buffer is looked at from now on. */
  follow(player: OpenPlayer): void;
  /** The viewer has left. */
  end(): void;
}

/**
 * The story of one viewer as lines, over all its visits. Made for the few that are traced: nobody else's seams are
 * touched. Whatever goes wrong in here is counted in the trace and changes nothing for the viewer.
 */
export class ViewerTrace {
  readonly #clock: Clock;
  readonly #mask: Mask;
  readonly #send: (lines: readonly string[]) => void;
  #waiting: string[] = [];
  #lost = 0;
  #faults = 0;
  #lastId = 0;

  constructor({ clock, streamKey, send }: ViewerTraceDeps) {
    this.#clock = clock;
    this.#mask = new Mask(streamKey);
    this.#send = send;
  }

  /** The viewer comes, with an account whose secrets are masked from now on. */
  visit(http: Http, hub: SocketHub, identity: ViewerIdentity): TracedVisit {
    this.learn(identity);
    const deps: TapDeps = {
      clock: this.#clock,
      mask: this.#mask,
      write: (line) => this.#write(line),
      safely: (work) => this.#safely(work),
      nextId: () => ++this.#lastId,
    };
    return new Visit(new TapHttp(http, deps), tapHub(hub, deps), deps, () => this.flush());
  }

  /** New tokens of the viewer. */
  learn({ accessToken, refreshToken, sid }: ViewerIdentity): void {
    for (const secret of [accessToken, refreshToken, sid]) this.#mask.learn(secret);
  }

  event(event: ViewerEvent): void {
    this.#safely(() => {
      const line = lineOfEvent(event, (text) => this.#mask.text(text));
      if (line !== undefined) this.#write(line);
    });
  }

  /** Sends what waits. */
  flush(): void {
    const nowMs = this.#clock.nowMs();
    if (this.#lost > 0) this.#noteLost(this.#lost, 'too many at once', nowMs);
    if (this.#faults > 0) this.#noteLost(this.#faults, 'a fault of our own', nowMs);
    this.#lost = 0;
    this.#faults = 0;
    if (this.#waiting.length === 0) return;
    const lines = this.#waiting;
    this.#waiting = [];
    this.#send(lines);
  }

  #noteLost(lines: number, why: string, atMs: number): void {
    this.#waiting.push(formatLine({ kind: 'lost', atMs, lines, why }));
  }

  #write(line: TraceLine): void {
    if (this.#waiting.length < MAX_WAITING_LINES) this.#waiting.push(formatLine(line));
    else this.#lost++;
  }

  #safely(work: () => void): void {
    try {
      work();
    } catch {
      this.#faults++;
    }
  }
}

class Visit implements TracedVisit {
  readonly http: Http;
  readonly hub: SocketHub;
  readonly observer: PlayerObserver;
  readonly #tap: TapHttp;
  readonly #deps: TapDeps;
  readonly #flush: () => void;
  readonly #arrived = { bytes: 0, segments: 0, tags: 0 };
  #arrivedFromMs: number;
  #player: OpenPlayer | undefined;
  #cancel: Cancel = () => {};
  #ended = false;

  constructor(http: TapHttp, hub: SocketHub, deps: TapDeps, flush: () => void) {
    this.http = http;
    this.hub = hub;
    this.#tap = http;
    this.#deps = deps;
    this.#flush = flush;
    this.#arrivedFromMs = deps.clock.nowMs();
    const { write, safely } = deps;
    this.observer = {
      entered: (state, atMs) => {
        // A player that is gone has no buffer to look at.
        if (state === 'stopped') this.#player = undefined;
        safely(() => write({ kind: 'state', atMs, state }));
      },
      keyframe: (atMs) => safely(() => write({ kind: 'keyframe', atMs })),
      arrived: (what, by) => {
        this.#arrived[what] += by;
      },
    };
    this.#arm(deps.clock.nowMs() + LOOK_EVERY_MS);
  }

  follow(player: OpenPlayer): void {
    this.#player = player;
  }

  end(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#cancel();
    this.#deps.safely(() => this.#look(this.#deps.clock.nowMs()));
    this.#flush();
  }

  #arm(dueMs: number): void {
    const { clock, safely } = this.#deps;
    this.#cancel = clock.after(Math.max(0, dueMs - clock.nowMs()), () => {
      const nowMs = clock.nowMs();
      const lateMs = nowMs - dueMs;
      if (lateMs > LAG_MS) safely(() => this.#deps.write({ kind: 'lag', atMs: nowMs, lateMs }));
      safely(() => this.#look(nowMs));
      safely(this.#flush);
      this.#arm(Math.max(dueMs + LOOK_EVERY_MS, nowMs));
    });
  }

  #look(nowMs: number): void {
    const { write } = this.#deps;
    this.#tellArrived(nowMs);
    this.#tap.tellOpen(nowMs);
    if (this.#player === undefined) return;
    const { bufferedMs, playheadMs } = this.#player.look(nowMs);
    write({ kind: 'level', atMs: nowMs, bufferedMs, playheadMs });
  }

  #tellArrived(nowMs: number): void {
    const { bytes, segments, tags } = this.#arrived;
    const spanMs = nowMs - this.#arrivedFromMs;
    this.#arrivedFromMs = nowMs;
    if (bytes === 0 && segments === 0 && tags === 0) return;
    this.#arrived.bytes = 0;
    this.#arrived.segments = 0;
    this.#arrived.tags = 0;
    this.#deps.write({ kind: 'arrival', atMs: nowMs, spanMs, bytes, tags, segments });
  }
}
