import type { ReportedEvent } from '../events.js';
import type { HttpFactory } from '../net/http-node.js';
import type { NodeSocketHub } from '../net/socket-hub.js';
import { createViewerHome } from '../net/viewer-home.js';
import { createPagePlayer } from '../players/page-player.js';
import { PLAYER_PROFILES } from '../players/page-profiles.js';
import type { OpenPlayer, Player } from '../players/player.js';
import type { OwnVu, WorkerTask } from '../protocol.js';
import { createRng } from '../rng.js';
import { addsToCart, createAgenda } from '../scenarios/agenda.js';
import type { FaultNews } from '../scenarios/fault-plan.js';
import { cartOffset, type Plan, type Stay } from '../scenarios/plan.js';
import { rateSpans } from '../scenarios/stage-rates.js';
import type { Cancel, Clock, Http, Namespace, PublisherClock, SocketHub } from '../seams.js';
import type { ViewerIdentity } from '../target.js';
import type { TracedVisit, ViewerTrace } from '../trace/viewer-trace.js';
import { type ChatMessages, createChatMessages } from '../virtual-user/chat-messages.js';
import { pickUserAgent } from '../virtual-user/user-agents.js';
import { createVirtualUser, type VirtualUser } from '../virtual-user/virtual-user.js';
import { RecoveryDrive } from './recovery-drive.js';
import { createRoster } from './roster.js';
import type { SampleWheel } from './sample-wheel.js';
import type { Census } from './ticker.js';

export interface ViewersDeps {
  readonly task: WorkerTask;
  readonly plan: Plan;
  readonly clock: Clock;
  readonly http: HttpFactory;
  readonly hub: Pick<NodeSocketHub, 'forViewer'>;
  readonly wheel: SampleWheel;
  readonly publisherClock: PublisherClock;
  /** Makes access tokens; absent = the platform renews them. */
  readonly mint?: (identity: ViewerIdentity) => Promise<string>;
  /** The trace of a VU that is followed; absent, or undefined = nobody follows it, and nothing is different. */
  traceOf?(vu: number): ViewerTrace | undefined;
  report(event: ReportedEvent): void;
  /** A fault of our own in one viewer: that viewer is lost, the others go on. */
  onInternalError(vu: number, error: unknown): void;
}

/** One VU of this worker: at most one of it is there at a time. */
interface Seat {
  readonly own: OwnVu;
  present?: Present;
  /** Takes back what is planned next for it. */
  cancel?: Cancel | undefined;
  /** On its way out: what comes next is asked for when it has gone. */
  leaving: boolean;
  /** Stays that end up to here are over. */
  doneToMs: number;
  /** When the one who is there will leave, as far as the plan knows. */
  leaveAtMs: number;
}

interface Present {
  readonly viewer: VirtualUser;
  readonly player: () => Player | undefined;
  readonly takeOffWheel: () => void;
  readonly visit: TracedVisit | undefined;
}

/** What one viewer talks to the world with, and who is told of what it reports. */
interface Connections {
  readonly http: Http;
  readonly hub: SocketHub;
  readonly visit: TracedVisit | undefined;
  readonly report: (event: ReportedEvent) => void;
  readonly onTokens: (tokens: ViewerIdentity) => void;
}

/** A timer may fire this much too soon. */
const TIMER_EARLY_MS = 5;

/** Roles of the phases in which viewers use their carts. */
const HOLDS: ReadonlySet<string> = new Set(['hold', 'step']);

/** The viewers of one worker: each comes and goes at its planned times. */
export class Viewers {
  /** Resolves when nobody is left and nobody will come. */
  readonly allGone: Promise<void>;
  readonly #deps: ViewersDeps;
  readonly #present = new Set<Present>();
  readonly #seats: readonly Seat[];
  readonly #rosterCounts: Int32Array;
  readonly #cartOffset: number;
  /** Newest tokens by VU: the platform takes the older ones no more, and a viewer may come again. */
  readonly #tokens = new Map<number, ViewerIdentity>();
  readonly #messages: ChatMessages;
  #plan: Plan;
  readonly #recovery: RecoveryDrive;
  #leaving = false;
  #cancelEnd: Cancel | undefined;
  #over = false;
  #gone: () => void = () => {};

  constructor(deps: ViewersDeps) {
    this.#deps = deps;
    this.#rosterCounts = new Int32Array(deps.task.roster);
    this.#cartOffset = cartOffset(deps.task.seed);
    this.#messages = createChatMessages(deps.task.runId);
    this.#recovery = new RecoveryDrive(deps.clock);
    this.allGone = new Promise((resolve) => {
      this.#gone = resolve;
    });
    this.#plan = deps.plan;
    this.#seats = deps.task.own.map((own) => ({
      ...{ own, leaving: false, doneToMs: Number.NEGATIVE_INFINITY, leaveAtMs: Number.POSITIVE_INFINITY },
    }));
    this.#follow();
  }

  /** The plan is another one from now on: who is there and should not be leaves, who should be there comes. */
  replan(plan: Plan): void {
    this.#plan = plan;
    if (!this.#leaving) this.#follow();
  }

  /** Viewers that are on the platform now. */
  get activeCount(): number {
    return this.#present.size;
  }

  /** Something is broken on purpose, or mended. */
  fault(news: FaultNews): void {
    this.#recovery.take(
      news,
      [...this.#present].map(({ viewer }) => viewer),
    );
  }

  /** Everyone who is there now, counted in one pass; what they see is as of their last sample, at most 1 s ago. */
  census(): Census {
    const sessions: Record<Namespace, number> = { '/': 0, '/chat': 0, '/streaming': 0 };
    const census = {
      ...{ active: this.#present.size, joined: 0, watching: 0, rebuffering: 0, frozen: 0 },
      ...{ connected: 0, sessions },
    };
    for (const { viewer, player } of this.#present) {
      const { watching = false, rebuffering = false, frozen = false } = player() ?? {};
      if (viewer.state === 'watching') census.joined++;
      if (watching) census.watching++;
      const { openNamespaces } = viewer;
      if (openNamespaces.length > 0) census.connected++;
      for (const name of openNamespaces) sessions[name]++;
      if (rebuffering) census.rebuffering++;
      if (frozen) census.frozen++;
    }
    return census;
  }

  /** Everyone leaves now, and nobody comes any more. */
  leaveAll(): void {
    if (this.#leaving) return;
    this.#leaving = true;
    this.#cancelEnd?.();
    for (const seat of this.#seats) {
      seat.cancel?.();
      if (seat.present && !seat.leaving) this.#leave(seat, seat.present, 'stopped');
    }
    this.#endIfEmpty();
  }

  /** Plans everything anew by the plan as it is now. */
  #follow(): void {
    const { clock } = this.#deps;
    this.#cancelEnd?.();
    this.#over = false;
    this.#cancelEnd = clock.after(Math.max(0, this.#plan.totalMs - clock.nowMs()), () => {
      this.#over = true;
      this.#endIfEmpty();
    });
    for (const seat of this.#seats) this.#next(seat);
    this.#endIfEmpty();
  }

  /** Plans when this VU leaves or, if it is not there, when it comes. */
  #next(seat: Seat): void {
    if (this.#leaving || seat.leaving) return;
    seat.cancel?.();
    seat.cancel = undefined;
    const nowMs = this.#deps.clock.nowMs();
    const stays = this.#plan.staysOf(seat.own.vu);
    const { present } = seat;
    if (present) {
      const begunMs = nowMs + TIMER_EARLY_MS;
      const stay = stays.find(({ joinAtMs, leaveAtMs }) => joinAtMs <= begunMs && nowMs < leaveAtMs);
      seat.leaveAtMs = stay?.leaveAtMs ?? nowMs;
      this.#at(seat, seat.leaveAtMs, () => this.#leave(seat, present, 'planned'));
      return;
    }
    const stay = stays.find(({ leaveAtMs }) => leaveAtMs > Math.max(nowMs, seat.doneToMs));
    if (stay) this.#at(seat, stay.joinAtMs, () => this.#join(seat, stay));
  }

  #join(seat: Seat, stay: Stay): void {
    const { wheel } = this.#deps;
    const { own } = seat;
    let player: Player | undefined;
    let viewer: VirtualUser;
    let visit: TracedVisit | undefined;
    seat.leaveAtMs = stay.leaveAtMs;
    try {
      const connections = this.#connect(own);
      visit = connections.visit;
      viewer = this.#makeViewer(seat, stay, connections, (made) => {
        player = made;
        visit?.follow(made);
      });
    } catch (error) {
      this.#deps.onInternalError(own.vu, error);
      visit?.end();
      seat.doneToMs = stay.leaveAtMs;
      this.#next(seat);
      this.#endIfEmpty();
      return;
    }
    const present: Present = { viewer, player: () => player, takeOffWheel: wheel.add(viewer), visit };
    seat.present = present;
    this.#present.add(present);
    this.#at(seat, stay.leaveAtMs, () => this.#leave(seat, present, 'planned'));
    viewer.start();
  }

  #leave(seat: Seat, present: Present, reason: 'planned' | 'stopped'): void {
    seat.leaving = true;
    // A timer may be early by a hair: the stay that ends here must not be found again.
    seat.doneToMs = Math.max(this.#deps.clock.nowMs(), reason === 'planned' ? seat.leaveAtMs : 0);
    void present.viewer.leave(reason).then(() => {
      if (!this.#present.delete(present)) return;
      present.takeOffWheel();
      present.visit?.end();
      delete seat.present;
      seat.leaving = false;
      this.#next(seat);
      this.#endIfEmpty();
    });
  }

  /** While its plan may change, a run waits for its end: somebody may still be asked to come. */
  #endIfEmpty(): void {
    if (this.#present.size > 0) return;
    const { task } = this.#deps;
    const nobodyComes = task.live !== true && this.#seats.every(({ cancel }) => cancel === undefined);
    if (this.#over || this.#leaving || nobodyComes) {
      this.#cancelEnd?.();
      this.#recovery.stop();
      this.#gone();
    }
  }

  #at(seat: Seat, atMs: number, fn: () => void): void {
    const { clock } = this.#deps;
    seat.cancel?.();
    seat.cancel = clock.after(Math.max(0, atMs - clock.nowMs()), () => {
      seat.cancel = undefined;
      fn();
    });
  }

  /** Its own connections; of a viewer that is followed, with a tap on each. */
  #connect({ vu, identity }: OwnVu): Connections {
    const { task, http, hub, report, traceOf } = this.#deps;
    const home = createViewerHome(task.localIps, vu);
    const own = { http: http.forViewer(home), hub: hub.forViewer(home) };
    const keep = (tokens: ViewerIdentity): void => void this.#tokens.set(vu, tokens);
    const trace = traceOf?.(vu);
    if (trace === undefined) return { ...own, visit: undefined, report, onTokens: keep };
    const visit = trace.visit(own.http, own.hub, this.#tokens.get(vu) ?? identity ?? {});
    return {
      ...{ http: visit.http, hub: visit.hub, visit },
      report: (event) => {
        trace.event(event.event);
        report(event);
      },
      onTokens: (tokens) => {
        trace.learn(tokens);
        keep(tokens);
      },
    };
  }

  #makeViewer(
    seat: Seat,
    stay: Stay,
    { http, hub, visit, report, onTokens }: Connections,
    onPlayer: (player: OpenPlayer) => void,
  ): VirtualUser {
    const { task, clock } = this.#deps;
    const plan = this.#plan;
    const { vu, identity } = seat.own;
    // One stream of chance per viewer and stay, whatever thread it runs on.
    const stream = `vu ${vu} at ${Math.round(stay.joinAtMs)}`;
    const rng = createRng(task.seed, stream);
    const { writes, behaviour } = task;
    const startWith = plan.protocolOf(vu);
    // On the real page it is the browser that decides: FLV everywhere but inside of other apps.
    const browser = behaviour === 'page' && startWith === 'hls' ? 'in_app' : 'browser';
    const hold = plan.phases.find(({ role, toMs }) => HOLDS.has(role) && toMs > stay.joinAtMs);
    return createVirtualUser({
      vuId: vu,
      identity: this.#tokens.get(vu) ?? identity ?? {},
      tokens: {
        rng: createRng(task.seed, `${stream}: token timer`),
        mint: this.#deps.mint,
        onTokens,
      },
      target: task.target,
      clock,
      rng,
      http,
      hub,
      roster: createRoster(this.#rosterCounts, task.worker, task.workers),
      messages: this.#messages,
      writes: { chat: writes, cart: writes, orders: writes },
      emptiesCart: task.emptiesCarts,
      behaviour,
      userAgent: pickUserAgent(rng, browser),
      agenda: createAgenda({
        rng,
        joinAtMs: stay.joinAtMs,
        ...(task.live === true ? { leavesAtMs: () => seat.leaveAtMs } : { leaveAtMs: stay.leaveAtMs }),
        rates: task.profile.rates,
        spans: rateSpans(task.profile, plan.phases, task.users),
        ...(hold ? { cartWindow: hold } : {}),
        ...(behaviour === 'page' ? { timersFromMs: clock.nowMs() } : {}),
        addsToCart: addsToCart(task.profile.rates.cartAddShare ?? 0, vu, this.#cartOffset),
      }),
      createPlayer: (emit, headers, seams) => {
        const player = createPagePlayer({
          ...seams,
          rng,
          emit,
          target: task.target,
          profile: PLAYER_PROFILES[task.playerProfile],
          headers,
          publisherClock: this.#deps.publisherClock,
          startWith,
          observer: visit?.observer,
        });
        onPlayer(player);
        return player;
      },
      report,
      onInternalError: (error) => this.#deps.onInternalError(vu, error),
    });
  }
}
