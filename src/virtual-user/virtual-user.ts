import type {
  EmitPlayerEvent,
  FaultClass,
  PlayerEvent,
  Protocol,
  ReportedEvent,
  ViewerEvent,
} from '../events.js';
import type { OpenPlayer, Player } from '../players/player.js';
import type { Agenda, AgendaAction } from '../scenarios/agenda.js';
import type { FaultNews } from '../scenarios/fault-plan.js';
import type { Clock, Http, Namespace, SocketHub } from '../seams.js';
import { type AgendaRunner, createAgendaRunner } from './agenda-runner.js';
import { FaultWitness } from './fault-witness.js';
import { type GuardedSeams, guardSeams } from './guarded-seams.js';
import { PageRoutine } from './page-routine.js';
import { PlayerPlace } from './player-place.js';
import { createViewerParts, isGuest, type PartsDeps, type ViewerParts } from './viewer-parts.js';

export type VirtualUserState = 'idle' | 'joining' | 'watching' | 'leaving' | 'left' | 'lost';

/**
 * Makes the viewer's player. `seams` are the viewer's own clock and HTTP client with a fence around every call
 * back: a player that uses them can throw without harm to other viewers.
 */
export type PlayerFactory = (
  emit: EmitPlayerEvent,
  headers: Readonly<Record<string, string>>,
  seams: Pick<GuardedSeams, 'clock' | 'http'>,
) => Player & Partial<Pick<OpenPlayer, 'look'>>;

export interface VirtualUserDeps extends PartsDeps {
  readonly clock: Clock;
  /** This viewer's own; closed when it leaves. */
  readonly http: Http;
  readonly hub: SocketHub;
  readonly createPlayer: PlayerFactory;
  readonly agenda: Agenda;
  /** What this viewer may change on the platform; a planned action that it may not do is left out. */
  readonly writes: { readonly chat: boolean; readonly cart: boolean; readonly orders: boolean };
  /** What this viewer put into its cart it takes out again when it leaves. */
  readonly emptiesCart?: boolean;
  report(event: ReportedEvent): void;
  /** A fault of our own, once per viewer; the viewer is lost and the run goes on. */
  onInternalError(error: unknown): void;
}

/** One viewer: one connection, one player, one agenda, all at once. */
export interface VirtualUser {
  readonly state: VirtualUserState;
  /** Protocol now. */
  readonly protocol: Protocol;
  /** Namespaces that are ready now. */
  readonly openNamespaces: readonly Namespace[];
  start(): void;
  /** Called about once a second: brings the player's model and the chat's patience to `nowMs`. */
  sample(nowMs: number): void;
  /**
   * Hears of a planned fault: one that watches when it begins is its witness. `observes`: it asks the status of the
   * stream for others as well.
   */
  faces(news: FaultNews, observes: boolean): void;
  /** Called about ten times a second in and after a fault; true while it has something to report of it. */
  recovers(nowMs: number): boolean;
  /** It waits to hear something that goes to its rooms. */
  readonly awaitsRooms: boolean;
  /** Joins its rooms once more, so that others hear something; false = it is not in all of them. */
  callRoll(): boolean;
  /** Leaves as a page does. Resolves within 1 s, or 3 s where a cart is emptied, in any state; never rejects. */
  leave(reason: 'planned' | 'stopped'): Promise<void>;
}

/** Messages sent before we leave are under way to us: they get this long to arrive. */
const DRAIN_MS = 250;
/** A platform gets this long to empty the cart of a viewer that leaves. */
const CART_PATIENCE_MS = 2500;

/**
 * Makes one viewer; nothing is opened before `start()`. Throws only for what the configuration got wrong.
 *
 * | state | event | next |
 * |---|---|---|
 * | idle | start() | joining: `vu_started`, sockets open, player starts, agenda runs |
 * | joining | first frame painted, and every namespace joined | watching: `vu_joined` |
 * | joining, watching | player dead, and the stream is over | the same: a new player comes with the stream |
 * | joining, watching | player dead, and the stream is live | lost: `vu_lost player`; rooms are left, everything closes |
 * | joining, watching | reconnects used up, or ended by the server again | lost: `vu_lost socket`, see below |
 * | joining, watching | token refused, and no new one to be had | lost: `vu_lost auth`, see below |
 * | joining, watching | leave() | leaving: player stops, messages under way arrive, rooms are left |
 * | leaving | rooms left, or 0.5 s | left: `vu_left` |
 * | lost | leave() | lost: what is still open is closed |
 * | any | a fault in our own code | lost: `vu_lost internal`; everything is closed at once |
 *
 * A page that lost its realtime channel still shows the picture: the player goes on until leave(), so that an
 * outage of the sockets does not take the media load away. The first cause of an end is kept, and no event comes
 * after it has ended.
 *
 * The player goes while the stream is over and comes back with it, and whether a dead one is the end is told by the
 * platform (see `PlayerPlace`). In `page` behaviour "joined" means that the page has done all that it does to be in the
 * room (see `Sockets`). (virtual-user.test.ts repeats the table)
 */
export function createVirtualUser(deps: VirtualUserDeps): VirtualUser {
  return new Viewer(deps);
}

class Viewer implements VirtualUser {
  state: VirtualUserState = 'idle';
  private readonly deps: VirtualUserDeps;
  private readonly clock: Clock;
  private readonly parts: ViewerParts;
  private player: ReturnType<PlayerFactory>;
  private readonly witness: FaultWitness;
  private readonly routine: PageRoutine | undefined;
  private readonly place: PlayerPlace;
  private readonly joinProtocol: Protocol;
  private readonly runner: AgendaRunner;
  private startedAtMs = 0;
  private pictureAtMs: number | undefined;
  /** When its player died, and by which planned fault. */
  private death: { readonly atMs: number; readonly fault?: FaultClass } | undefined;
  private lostBy: 'player' | 'socket' | 'auth' | 'internal' | undefined;
  private endReason: 'planned' | 'stopped' | undefined;
  private readonly ended: Promise<void>;
  private resolveEnded: () => void = () => {};
  private closed = false;
  private faulted = false;

  constructor(deps: VirtualUserDeps) {
    this.deps = deps;
    const seams = guardSeams(deps, (error) => this.fault(error));
    this.clock = seams.clock;
    this.ended = new Promise((resolve) => {
      this.resolveEnded = resolve;
    });
    const emit = (event: ViewerEvent): void => this.emit(event);
    this.parts = createViewerParts(deps, seams, {
      emit,
      onJoined: () => this.checkJoined(this.clock.nowMs()),
      onLost: (reason) => this.lose(reason),
      onFault: (error) => this.fault(error),
      onRootConnect: () => this.routine?.rootConnected(),
      onProductsChanged: () => this.routine?.productsChanged(),
      onStreamEnded: () => this.place.streamEnded(),
      onRoomEvent: (namespace, atMs) => this.witness.heardRoom(namespace, atMs),
      onProbeAnswer: (atMs) => this.witness.answered(atMs),
    });
    this.witness = new FaultWitness({
      ...{ sockets: this.parts.sockets, reads: this.parts.reads, isGuest: isGuest(deps.identity), emit },
      look: (nowMs) => (this.place.isMounted ? this.player.look?.(nowMs) : undefined),
      onFault: (error) => this.fault(error),
    });
    const createPlayer = (): ReturnType<PlayerFactory> =>
      deps.createPlayer((event) => this.onPlayer(event), this.parts.mediaHeaders, seams);
    this.player = createPlayer();
    this.joinProtocol = this.player.protocol;
    this.runner = createAgendaRunner({
      clock: seams.clock,
      agenda: deps.agenda,
      emit,
      perform: (action, dueMs) => this.perform(action, dueMs),
      onFault: (error) => this.fault(error),
    });
    this.place = this.createPlace(createPlayer);
    if (deps.behaviour === 'page') this.routine = this.createRoutine();
  }

  get protocol(): Protocol {
    return this.player.protocol;
  }

  get openNamespaces(): readonly Namespace[] {
    return this.parts.sockets.openNamespaces;
  }

  private createPlace(createPlayer: () => ReturnType<PlayerFactory>): PlayerPlace {
    const { clock, runner } = this;
    return new PlayerPlace({
      ...{ clock, isAskedFor: this.deps.behaviour === 'page' },
      askStatus: () => runner.begin((dueMs) => this.readStatus(dueMs)),
      unmountPlayer: () => {
        this.player.stop();
        this.death = undefined;
        this.emit({
          kind: 'player_unmounted',
          atMs: clock.nowMs(),
          planned: this.witness.facesLossAt(clock.nowMs()),
        });
      },
      mountPlayer: () => {
        this.player = createPlayer();
        this.emit({ kind: 'player_mounted', atMs: clock.nowMs() });
        this.player.start();
      },
      onLost: () => this.losePlayer(),
    });
  }

  private createRoutine(): PageRoutine {
    const { reads, session, shop, sockets } = this.parts;
    const { clock, runner } = this;
    return new PageRoutine({
      ...{ clock, reads, shop, isGuest: isGuest(this.deps.identity) },
      openNamespace: (name) => session.whenFresh(() => sockets.openNamespace(name)),
      begin: (work) => runner.begin(work),
    });
  }

  start(): void {
    if (this.state !== 'idle') return;
    this.guarded(() => {
      this.state = 'joining';
      this.startedAtMs = this.clock.nowMs();
      this.emit({ kind: 'vu_started', atMs: this.startedAtMs });
      this.parts.session.start();
      // The page asks who is signed in before it opens what needs an account.
      this.parts.session.whenFresh(() => {
        if (this.endReason === undefined && !this.faulted) this.parts.sockets.open();
      });
      this.player.start();
      this.runner.start();
      this.routine?.start();
    });
  }

  sample(nowMs: number): void {
    if (this.state === 'idle' || this.closed) return;
    this.guarded(() => {
      if (this.endReason === undefined) this.player.sample(nowMs);
      this.parts.chat.sample(nowMs);
    });
  }

  faces(news: FaultNews, observes: boolean): void {
    this.guarded(() => {
      const nowMs = this.clock.nowMs();
      if (news.what !== 'begins') this.witness.hears(news, nowMs);
      else if (this.state === 'watching' && this.death === undefined)
        this.witness.begins(news.fault, nowMs, observes);
    });
  }

  recovers(nowMs: number): boolean {
    let pending = false;
    this.guarded(() => {
      pending = !this.closed && this.witness.poll(nowMs);
    });
    return pending;
  }

  get awaitsRooms(): boolean {
    return !this.closed && this.witness.awaitsRooms;
  }

  callRoll(): boolean {
    const { sockets } = this.parts;
    if (this.closed || this.state !== 'watching' || !sockets.allJoined) return false;
    this.guarded(() => {
      this.witness.calls(this.clock.nowMs());
      sockets.callRoll();
    });
    return true;
  }

  leave(reason: 'planned' | 'stopped'): Promise<void> {
    if (this.endReason !== undefined) return this.ended;
    this.endReason = reason;
    if (this.state === 'idle') this.finish();
    else this.guarded(() => this.beginEnd());
    return this.ended;
  }

  private emit(event: ViewerEvent): void {
    if (this.closed) return;
    this.deps.report({ vuId: this.deps.vuId, joinProtocol: this.joinProtocol, event });
    // Its parts report from their making on; it is made when they are.
    this.witness?.on(event);
  }

  private onPlayer(event: PlayerEvent): void {
    this.guarded(() => {
      this.emit(event);
      if (event.kind === 'first_frame') {
        this.pictureAtMs ??= event.atMs;
        this.place.hadPicture();
        this.checkJoined(event.atMs);
      } else if (event.kind === 'media_ready') {
        this.routine?.mediaReady();
      } else if (event.kind === 'player_dead') {
        this.death = { atMs: event.atMs, ...this.witness.blames(event.atMs) };
        this.place.playerDied();
        // It is in the middle of its own work: it is stopped when that is done. One that was only given up goes on.
        const { player } = this;
        if (event.reason !== 'gave_up') this.clock.after(0, () => this.guarded(() => player.stop()));
      } else if (event.kind === 'player_back') {
        this.death = undefined;
        this.place.playerIsBack();
      }
    });
  }

  private checkJoined(atMs: number): void {
    if (this.state !== 'joining' || this.pictureAtMs === undefined || !this.parts.sockets.allJoined) return;
    this.state = 'watching';
    const joinedAtMs = Math.max(atMs, this.pictureAtMs);
    this.emit({ kind: 'vu_joined', atMs: joinedAtMs, sinceStartMs: joinedAtMs - this.startedAtMs });
  }

  private perform(action: AgendaAction, dueMs: number): Promise<unknown> | undefined {
    const { chat, reads, shop } = this.parts;
    const { identity, writes } = this.deps;
    if (action === 'products') return shop.products(dueMs);
    if (action === 'status') return this.readStatus(dueMs);
    if (action === 'notices') return reads.notices(dueMs);
    if (isGuest(identity)) return undefined;
    if (action === 'cart_get') return this.routine?.readCart(dueMs) ?? reads.cart(dueMs);
    if (action === 'cart_add' && writes.cart) return this.andReadCart(shop.addToCart(dueMs));
    if (action === 'order' && writes.cart && writes.orders) return this.andReadCart(shop.order(dueMs));
    if (action === 'chat' && writes.chat) chat.write(dueMs);
    return undefined;
  }

  /** Reads the status of the stream; the page acts on it. */
  private async readStatus(dueMs: number): Promise<void> {
    const status = await this.parts.reads.status(dueMs);
    if (status !== undefined) this.place.sawStatus(status);
  }

  /** The page reads its cart when it has put something into it. */
  private async andReadCart(done: Promise<unknown>): Promise<void> {
    await done;
    this.routine?.cartChanged();
  }

  private lose(reason: 'player' | 'socket' | 'auth' | 'internal'): void {
    if (this.state !== 'joining' && this.state !== 'watching') return;
    this.state = 'lost';
    this.lostBy = reason;
    const atMs = this.clock.nowMs();
    const { atMs: phaseAtMs, ...fault } =
      reason === 'player' && this.death !== undefined
        ? this.death
        : { atMs, ...(reason === 'socket' ? this.witness.blames(atMs) : {}) };
    this.emit({ kind: 'vu_lost', atMs, phaseAtMs, reason, ...fault });
  }

  /** Its page has no way back to a picture. */
  private losePlayer(): void {
    this.lose('player');
    // The player may be in the middle of its own work: it is stopped when that is done.
    this.clock.after(0, () => void this.leave('planned'));
  }

  private beginEnd(): void {
    const { chat, sockets } = this.parts;
    // Nobody will hear whether the platform would have called the stream over.
    if (this.place.isBlind) this.lose('player');
    this.place.stop();
    this.witness.close(this.clock.nowMs(), this.lostBy === 'player');
    if (this.state !== 'lost') this.state = 'leaving';
    this.runner.stop();
    this.routine?.stop();
    this.player.stop();
    const drainMs = sockets.chatJoined ? DRAIN_MS : 0;
    chat.inRoom(false);
    let open = 2;
    const closed = (): void => {
      if (--open === 0) this.finish();
    };
    this.emptyCart(closed);
    this.clock.after(drainMs, () => sockets.leave(closed));
  }

  /** Calls `done` once, within `CART_PATIENCE_MS`. */
  private emptyCart(done: () => void): void {
    if (this.deps.emptiesCart !== true) {
      done();
      return;
    }
    let isOver = false;
    const over = (ok: boolean | undefined): void => {
      if (isOver) return;
      isOver = true;
      cancel();
      if (ok !== undefined) this.emit({ kind: 'cart_emptied', atMs: this.clock.nowMs(), ok });
      done();
    };
    const cancel = this.clock.after(CART_PATIENCE_MS, () =>
      over(this.parts.shop.cartMayHold ? false : undefined),
    );
    this.parts.shop
      .emptyCart()
      .then(over)
      .catch((error: unknown) => this.fault(error));
  }

  /** The last step of every way out; each part closes even when another one throws. */
  private finish(): void {
    if (this.closed) return;
    const { chat, rest, session, sockets } = this.parts;
    this.guarded(() => chat.close());
    this.guarded(() => session.close());
    this.guarded(() => rest.close());
    const hasLeft = this.state === 'leaving';
    if (this.state !== 'lost') this.state = 'left';
    if (hasLeft) {
      const reason = this.endReason ?? 'stopped';
      this.guarded(() => this.emit({ kind: 'vu_left', atMs: this.clock.nowMs(), reason }));
    }
    this.closed = true;
    this.guarded(() => this.place.stop());
    this.guarded(() => this.runner.stop());
    this.guarded(() => this.routine?.stop());
    this.guarded(() => sockets.close());
    this.guarded(() => this.deps.http.close());
    this.resolveEnded();
  }

  private guarded(fn: () => void): void {
    try {
      fn();
    } catch (error) {
      this.fault(error);
    }
  }

  /** A fault of our own: this viewer is over, at once. */
  private fault(error: unknown): void {
    if (this.faulted) return;
    this.faulted = true;
    this.deps.onInternalError(error);
    this.guarded(() => this.lose('internal'));
    this.guarded(() => this.player.stop());
    this.endReason ??= 'stopped';
    this.finish();
  }
}
