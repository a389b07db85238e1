import type { EmitEvent } from '../events.js';
import type { Namespace, Rng } from '../seams.js';
import type { Target, ViewerIdentity } from '../target.js';
import { type Chat, createChat, type Roster } from './chat.js';
import { createChatIdCodec } from './chat-id.js';
import { createCookieJar } from './cookie-jar.js';
import type { GuardedSeams } from './guarded-seams.js';
import { createPageReads, type PageReads } from './page-reads.js';
import { createRestClient, type RestClient } from './rest-client.js';
import { createShop, type Shop } from './shop.js';
import { createSockets, type Sockets } from './sockets.js';

/** Who the viewer is and what it talks to. */
export interface PartsDeps {
  /** Unique in the run, over all workers. */
  readonly vuId: number;
  readonly identity: ViewerIdentity;
  readonly target: Target;
  readonly rng: Rng;
  readonly roster: Roster;
  /** The same for all viewers of a run, different from every other run. */
  readonly runId: string;
  readonly userAgent: string;
}

/** What the parts report to the viewer they make up. */
export interface PartsOwner {
  readonly emit: EmitEvent;
  onJoined(namespace: Namespace, joined: boolean): void;
  onLost(reason: 'socket' | 'auth'): void;
}

export interface ViewerParts {
  readonly sockets: Sockets;
  readonly chat: Chat;
  readonly rest: RestClient;
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
  const { streamKey, apiUrl, socketUrl } = target;
  const pageUrl = `${apiUrl}/live/${encodeURIComponent(streamKey)}`;
  const jar = createCookieJar(identity, [apiUrl, socketUrl]);
  const rest = createRestClient({ clock, http, jar, apiUrl, pageUrl, userAgent, emit });
  const shop = createShop({ clock, rng, rest, streamKey, emit });
  const chat = createChat({
    clock,
    rng,
    vuId: deps.vuId,
    streamKey,
    roster: deps.roster,
    emit,
    codec: createChatIdCodec(deps.runId),
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
    onChatMessage: (payload, atMs) => chat.received(payload, atMs),
    onLost: (reason) => owner.onLost(reason),
  });
  return {
    sockets,
    chat,
    rest,
    shop,
    reads: createPageReads({ rest, streamKey }),
    mediaHeaders: { 'user-agent': userAgent, accept: '*/*', referer: pageUrl },
  };
}
