import type { EmitEvent } from '../events.js';
import type { Behaviour } from '../scenarios/behaviour.js';
import type { Namespace, Rng } from '../seams.js';
import type { Target, ViewerIdentity } from '../target.js';
import type { ApiAnswer } from './api-outcome.js';
import { type Chat, createChat, type Roster } from './chat.js';
import type { ChatMessages } from './chat-messages.js';
import { createCookieJar } from './cookie-jar.js';
import type { GuardedSeams } from './guarded-seams.js';
import { createPageReads, type PageReads } from './page-reads.js';
import { createRestClient, type RestClient } from './rest-client.js';
import { createShop, type Shop } from './shop.js';
import { createSockets, type Sockets } from './sockets.js';
import { createTokenSession, REFRESH_PATH, type TokenSession } from './token-session.js';

/** Who the viewer is and what it talks to. */
export interface PartsDeps {
  /** Unique in the run, over all workers. */
  readonly vuId: number;
  readonly identity: ViewerIdentity;
  readonly target: Target;
  readonly rng: Rng;
  readonly roster: Roster;
  /** Shared by the viewers of a worker. */
  readonly messages: ChatMessages;
  readonly userAgent: string;
  readonly behaviour: Behaviour;
  readonly tokens: TokenDeps;
}

/** Where a viewer's new access tokens come from and go to. */
export interface TokenDeps {
  /** Of the refresh timer alone, so that it moves no other choice. */
  readonly rng: Rng;
  /** Makes an access token; absent = the platform is asked for one. */
  readonly mint?: ((identity: ViewerIdentity) => Promise<string>) | undefined;
  /** Takes new tokens, for the viewer's next stay. */
  readonly onTokens?: ((identity: ViewerIdentity) => void) | undefined;
}

/** What the parts report to the viewer they make up. */
export interface PartsOwner {
  readonly emit: EmitEvent;
  onJoined(namespace: Namespace, joined: boolean): void;
  onLost(reason: 'socket' | 'auth'): void;
  /** Takes a fault of our own. */
  onFault(error: unknown): void;
  /** See `SocketsDeps`. */
  onRootConnect(): void;
  onProductsChanged(): void;
  onStreamEnded(): void;
  onRoomEvent(namespace: Namespace, atMs: number): void;
  onProbeAnswer(atMs: number): void;
}

/** Chat messages that the page keeps until it is in the room (contract 1.7). */
const PAGE_CHAT_QUEUE = 50;
/** Products that the page asks for; the platform gives 100 (contract 3.3, 3.4). */
const PAGE_PRODUCTS = 200;

export interface ViewerParts {
  readonly sockets: Sockets;
  readonly chat: Chat;
  readonly rest: RestClient;
  readonly session: TokenSession;
  readonly shop: Shop;
  readonly reads: PageReads;
  /** Headers of media requests. */
  readonly mediaHeaders: Readonly<Record<string, string>>;
}

/** A guest watches; it can neither chat nor buy. */
export function isGuest(identity: ViewerIdentity): boolean {
  return identity.accessToken === undefined;
}

/** Puts one viewer's page together around one cookie jar. Opens nothing. */
export function createViewerParts(deps: PartsDeps, seams: GuardedSeams, owner: PartsOwner): ViewerParts {
  const { identity, rng, target, userAgent } = deps;
  const { clock, http, hub } = seams;
  const { emit } = owner;
  const isPage = deps.behaviour === 'page';
  const { streamKey, apiUrl, socketUrl } = target;
  const pageUrl = `${apiUrl}/live/${encodeURIComponent(streamKey)}`;
  const jar = createCookieJar(identity, [apiUrl, socketUrl]);
  const renewToken = isGuest(identity) ? undefined : () => session.renew('unauthorized');
  const rest = createRestClient({ clock, http, jar, apiUrl, pageUrl, userAgent, emit, renewToken });
  const session = createTokenSession({
    ...deps.tokens,
    ...{ clock, jar, identity, apiUrl, emit },
    refresh: () => refreshToken(rest, clock.nowMs()),
    onSignedOut: () => owner.onLost('auth'),
    onFault: (error) => owner.onFault(error),
  });
  const reads = createPageReads({ rest, streamKey });
  const shop = createShop({
    ...{ clock, rng, rest, streamKey, emit },
    ...(isPage ? { take: PAGE_PRODUCTS, beforeFirstWrite: (dueMs: number) => reads.csrf(dueMs) } : {}),
  });
  const chat = createChat({
    clock,
    rng,
    vuId: deps.vuId,
    streamKey,
    roster: deps.roster,
    emit,
    messages: deps.messages,
    ...(isPage ? { queueLimit: PAGE_CHAT_QUEUE } : {}),
    send: (payload) => sockets.sendChat(payload),
  });
  const sockets = createSockets({
    clock,
    rng,
    hub,
    url: socketUrl,
    streamKey,
    userAgent,
    emit,
    isGuest: isGuest(identity),
    cookieHeader: () => jar.cookieHeader(socketUrl),
    onJoined(namespace, joined) {
      if (namespace === '/chat') chat.inRoom(joined);
      owner.onJoined(namespace, joined);
    },
    ...(isGuest(identity) ? {} : { renewToken: () => session.renew('socket') }),
    onChatMessage: (payload, atMs) => chat.received(payload, atMs),
    onLost: (reason) => owner.onLost(reason),
    behaviour: deps.behaviour,
    onRootConnect: () => owner.onRootConnect(),
    onProductsChanged: () => owner.onProductsChanged(),
    onStreamEnded: () => owner.onStreamEnded(),
    onRoomEvent: (namespace, atMs) => owner.onRoomEvent(namespace, atMs),
    onProbeAnswer: (atMs) => owner.onProbeAnswer(atMs),
  });
  return {
    sockets,
    chat,
    rest,
    session,
    shop,
    reads,
    mediaHeaders: { 'user-agent': userAgent, accept: '*/*', referer: pageUrl },
  };
}

/** The new tokens come as cookies; the body only says that they do. */
function refreshToken(rest: RestClient, dueMs: number): Promise<ApiAnswer | undefined> {
  return rest.call({ call: 'refresh', method: 'POST', path: REFRESH_PATH, dueMs, accepts: () => true });
}
