import type { EmitPlayerEvent, Protocol, ReportedEvent, ViewerEvent } from '../../src/events.js';
import type { Player } from '../../src/players/player.js';
import { createRng } from '../../src/rng.js';
import { type AgendaEntry, createAgenda, type Rates } from '../../src/scenarios/agenda.js';
import type { Target, ViewerIdentity } from '../../src/target.js';
import type { Roster } from '../../src/virtual-user/chat.js';
import { createChatMessages } from '../../src/virtual-user/chat-messages.js';
import {
  createVirtualUser,
  type VirtualUser,
  type VirtualUserDeps,
} from '../../src/virtual-user/virtual-user.js';
import { MemoryHub } from './memory-hub.js';
import { ScriptedHttp } from './scripted-http.js';
import { VirtualClock } from './virtual-clock.js';

export const STREAM_KEY = '0123456789abcdef0123456789abcdef';

export const TARGET: Target = {
  apiUrl: 'http://127.0.0.1:4000',
  socketUrl: 'http://127.0.0.1:4000',
  flvUrl: 'http://127.0.0.1:4000',
  hlsUrl: 'http://127.0.0.1:4000',
  streamKey: STREAM_KEY,
};

/** The event of one kind, with its own fields. */
export type EventOf<K extends ViewerEvent['kind']> = Extract<ViewerEvent, { kind: K }>;

/** A list of events that answers the questions of tests. */
export class EventLog {
  readonly reported: ReportedEvent[] = [];

  add(event: ViewerEvent, vuId = 0, joinProtocol: Protocol = 'hls'): void {
    this.reported.push({ vuId, joinProtocol, event });
  }

  get events(): ViewerEvent[] {
    return this.reported.map(({ event }) => event);
  }

  get kinds(): string[] {
    return this.events.map(({ kind }) => kind);
  }

  of<K extends ViewerEvent['kind']>(kind: K): EventOf<K>[] {
    return this.events.filter((event): event is EventOf<K> => event.kind === kind);
  }
}

/** A player that does what the test says. */
export class FakePlayer implements Player {
  readonly protocol: Protocol;
  watching = false;
  readonly rebuffering = false;
  readonly frozen = false;
  started = false;
  stopped = false;
  readonly samples: number[] = [];
  readonly emit: EmitPlayerEvent;
  private readonly clock: VirtualClock;
  private readonly firstFrameAfterMs: number | undefined;

  constructor(clock: VirtualClock, emit: EmitPlayerEvent, protocol: Protocol, firstFrameAfterMs?: number) {
    this.clock = clock;
    this.emit = emit;
    this.protocol = protocol;
    this.firstFrameAfterMs = firstFrameAfterMs;
  }

  start(): void {
    this.started = true;
    const waitMs = this.firstFrameAfterMs;
    if (waitMs !== undefined) this.clock.after(waitMs, () => this.paint(waitMs));
  }

  paint(sinceStartMs: number): void {
    this.watching = true;
    const head = { atMs: this.clock.nowMs(), protocol: this.protocol, sinceStartMs };
    this.emit({ kind: 'media_ready', ...head });
    this.emit({ kind: 'first_frame', ...head });
  }

  die(): void {
    this.watching = false;
    this.emit({ kind: 'player_dead', atMs: this.clock.nowMs(), protocol: this.protocol, reason: 'fatal' });
  }

  sample(nowMs: number): void {
    this.samples.push(nowMs);
  }

  stop(): void {
    this.stopped = true;
  }
}

/** The room of one run in one process. */
export class SharedRoster {
  private readonly present = new Set<number>();

  get size(): number {
    return this.present.size;
  }

  of(vuId: number): Roster {
    return {
      join: () => void this.present.add(vuId),
      leave: () => void this.present.delete(vuId),
      others: () => this.present.size - (this.present.has(vuId) ? 1 : 0),
    };
  }
}

export interface ViewerOptions {
  readonly identity?: ViewerIdentity;
  readonly rates?: Rates;
  /** Actions at exact times instead of `rates`. */
  readonly entries?: readonly AgendaEntry[];
  readonly firstFrameAfterMs?: number | undefined;
  readonly protocol?: Protocol;
  readonly overrides?: Partial<VirtualUserDeps>;
}

/** One platform in memory and any number of viewers in front of it, all in virtual time. */
export class ViewerWorld {
  readonly clock = new VirtualClock();
  readonly hub = new MemoryHub(this.clock);
  readonly roster = new SharedRoster();
  readonly log = new EventLog();
  readonly errors: unknown[] = [];
  readonly players: FakePlayer[] = [];
  readonly https: ScriptedHttp[] = [];
  readonly viewers: VirtualUser[] = [];

  /** Makes the next viewer; it is not started. */
  add(options: ViewerOptions = {}): VirtualUser {
    const { clock } = this;
    const vuId = this.viewers.length;
    const rng = createRng(1, vuId);
    const http = new ScriptedHttp(clock);
    const entries = [...(options.entries ?? [])];
    const agenda = options.rates
      ? createAgenda({ rng, joinAtMs: clock.nowMs(), rates: options.rates })
      : { next: () => entries.shift() };
    const viewer = createVirtualUser({
      vuId,
      identity: options.identity ?? { userId: `u${vuId}`, accessToken: `u${vuId}` },
      tokens: { rng: createRng(1, `token timer of ${vuId}`) },
      target: TARGET,
      clock,
      rng,
      http,
      hub: this.hub,
      createPlayer: (emit) => {
        const firstFrameAfterMs = 'firstFrameAfterMs' in options ? options.firstFrameAfterMs : 300;
        const player = new FakePlayer(clock, emit, options.protocol ?? 'hls', firstFrameAfterMs);
        this.players.push(player);
        return player;
      },
      roster: this.roster.of(vuId),
      agenda,
      messages: createChatMessages('test-run-1'),
      writes: { chat: true, cart: true, orders: true },
      behaviour: 'strategy',
      userAgent: 'Mozilla/5.0 test',
      report: (event) => this.log.reported.push(event),
      onInternalError: (error) => this.errors.push(error),
      ...options.overrides,
    });
    this.https.push(http);
    this.viewers.push(viewer);
    return viewer;
  }

  /** The events of one viewer. */
  logOf(vuId: number): EventLog {
    const log = new EventLog();
    log.reported.push(...this.log.reported.filter((event) => event.vuId === vuId));
    return log;
  }

  /** Lets time pass and samples every viewer each second, as a worker does. */
  async run(ms: number): Promise<void> {
    const untilMs = this.clock.nowMs() + ms;
    while (this.clock.nowMs() < untilMs) {
      await this.clock.run(Math.min(1000, untilMs - this.clock.nowMs()));
      for (const viewer of this.viewers) viewer.sample(this.clock.nowMs());
    }
  }
}

/** The answer of the list of products that has one. */
export const LIST_OK = {
  body: JSON.stringify({ success: true, data: [{ id: 'p1', status: 'AVAILABLE', stock: 3 }] }),
};

/** From now on the platform says this of the stream to a viewer. */
export function withStatus(world: ViewerWorld, status: string, vu = 0): void {
  const body = JSON.stringify({ success: true, data: { status, viewerCount: 1, title: '' } });
  world.https[vu]?.route(`/api/streaming/key/${STREAM_KEY}/status`, { body });
}
