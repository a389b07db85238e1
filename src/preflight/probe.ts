import type { Protocol } from '../events.js';
import { createPagePlayer } from '../players/page-player.js';
import type { Player } from '../players/player.js';
import { DORAMI_PAGE } from '../players/profiles.js';
import type { Clock, Http, Namespace, NamespaceHandlers, PublisherClock, Rng, SocketHub } from '../seams.js';
import type { Target, ViewerIdentity } from '../target.js';
import { createChatMessages } from '../virtual-user/chat-messages.js';
import { pickUserAgent } from '../virtual-user/user-agents.js';
import { createVirtualUser, type VirtualUser } from '../virtual-user/virtual-user.js';
import { Sightings } from './sightings.js';

export interface ProbeDeps {
  readonly clock: Clock;
  readonly rng: Rng;
  readonly hub: SocketHub;
  /** A client of its own for each viewer and player. */
  newHttp(): Http;
  readonly target: Target;
  /** Empty = a guest. */
  readonly identity: ViewerIdentity;
  readonly publisherClock: PublisherClock;
  /** Protocols that the run will use, at least one. */
  readonly protocols: readonly Protocol[];
  /** Longest look, ms. */
  readonly patienceMs: number;
  /** Resolves when nobody wants to know any more. */
  readonly giveUp: Promise<unknown>;
}

/** How long a picture is watched for a capture stamp: more than two GOPs of any encoder that plays well. */
const STAMP_PATIENCE_MS = 3000;
const LOOK_EVERY_MS = 50;

/**
 * Sends one viewer of the run, with nothing to do but to come, watch and go, and a second player for the other
 * protocol. It is the viewer of the run, so what it meets is what they will meet. Leaves as a page does before it
 * resolves.
 */
export async function probe(deps: ProbeDeps): Promise<Sightings> {
  const names: readonly Namespace[] =
    deps.identity.accessToken === undefined ? ['/', '/streaming'] : ['/', '/chat', '/streaming'];
  const seen = new Sightings(deps.protocols, names);
  const [first = 'hls', ...others] = deps.protocols;
  const viewer = probeViewer(deps, seen, first);
  const players = others.map((protocol) => probePlayer(deps, seen, protocol));
  viewer.start();
  for (const { player } of players) player.start();
  await untilSeen(deps, seen, (nowMs) => {
    viewer.sample(nowMs);
    for (const { player } of players) player.sample(nowMs);
  });
  for (const { player, http } of players) {
    player.stop();
    http.close();
  }
  await viewer.leave('planned');
  return seen;
}

function probeViewer(deps: ProbeDeps, seen: Sightings, protocol: Protocol): VirtualUser {
  const { clock, rng, target, identity, publisherClock } = deps;
  return createVirtualUser({
    vuId: 0,
    identity,
    target,
    clock,
    rng,
    http: deps.newHttp(),
    hub: listeningHub(deps.hub, seen),
    tokens: { rng },
    behaviour: 'strategy',
    roster: { join: () => {}, leave: () => {}, others: () => 0 },
    messages: createChatMessages('preflight'),
    userAgent: pickUserAgent(rng),
    agenda: { next: () => undefined },
    writes: { chat: false, cart: false, orders: false },
    createPlayer: (emit, headers, seams) =>
      createPagePlayer({
        ...seams,
        rng,
        emit,
        target,
        headers,
        publisherClock,
        ...PAGE,
        startWith: protocol,
      }),
    report: ({ event }) => seen.on(event),
    onInternalError(error) {
      seen.ownFault = error instanceof Error ? error.message : String(error);
    },
  });
}

const PAGE = { profile: DORAMI_PAGE } as const;

function probePlayer(deps: ProbeDeps, seen: Sightings, protocol: Protocol): { player: Player; http: Http } {
  const { clock, rng, target, publisherClock } = deps;
  const http = deps.newHttp();
  const headers = { 'user-agent': pickUserAgent(rng), accept: '*/*' };
  const emit = seen.on.bind(seen);
  return {
    http,
    player: createPagePlayer({
      ...{ clock, http, rng, emit, target, headers, publisherClock },
      ...PAGE,
      startWith: protocol,
    }),
  };
}

/** Looks again and again until all was seen, or will not be, or time is up. */
function untilSeen(deps: ProbeDeps, seen: Sightings, sample: (nowMs: number) => void): Promise<void> {
  const { clock } = deps;
  const endAtMs = clock.nowMs() + deps.patienceMs;
  return new Promise((resolve) => {
    let over = false;
    const look = (): void => {
      const nowMs = clock.nowMs();
      if (over) return;
      sample(nowMs);
      if (seen.ownFault !== undefined || nowMs >= endAtMs || isAllSeen(seen, nowMs)) resolve();
      else clock.after(LOOK_EVERY_MS, look);
    };
    void deps.giveUp.then(() => {
      over = true;
      resolve();
    });
    look();
  });
}

function isAllSeen({ media, namespaces }: Sightings, nowMs: number): boolean {
  const socketsSeen = [...namespaces.values()].every(
    ({ joined, failure }) => joined || failure !== undefined,
  );
  return socketsSeen && [...media.values()].every((one) => isMediaSeen(one, nowMs));
}

function isMediaSeen(seen: ReturnType<Sightings['media']['get']>, nowMs: number): boolean {
  if (seen === undefined || seen.latency || seen.aheadMs !== undefined || seen.failure || seen.left)
    return true;
  return seen.pictureAtMs !== undefined && nowMs - seen.pictureAtMs >= STAMP_PATIENCE_MS;
}

/** The hub, with an ear at what the transport says of each namespace. */
function listeningHub(hub: SocketHub, seen: Sightings): SocketHub {
  return {
    open(options) {
      const connection = hub.open(options);
      return {
        namespace: (name, handlers) => connection.namespace(name, listening(name, handlers, seen)),
        close: () => connection.close(),
      };
    },
  };
}

function listening(name: Namespace, handlers: NamespaceHandlers, seen: Sightings): NamespaceHandlers {
  return {
    onConnect(atMs) {
      seen.transport(name, undefined);
      handlers.onConnect(atMs);
    },
    onConnectError(reason, atMs) {
      seen.transport(name, reason);
      handlers.onConnectError(reason, atMs);
    },
    onDisconnect: (reason, atMs) => handlers.onDisconnect(reason, atMs),
    onEvent: (event, args, atMs) => handlers.onEvent(event, args, atMs),
  };
}
