/** Puts the platform together in this process: one HTTP server for media, REST and sockets, one for control. */
import { readFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ConfigError } from '../errors.js';
import { Accounts } from './accounts.js';
import { type Clip, readClip } from './clip.js';
import { controlHandler } from './control-api.js';
import { emptyCounts, type StageCounts } from './counts.js';
import { FaultBoard } from './fault-board.js';
import type { FaultKind } from './fault-spec.js';
import type { HlsContexts } from './hls-contexts.js';
import { LiveStatus } from './live-status.js';
import { serveMedia } from './media-http.js';
import { productDto, stageProducts } from './product-catalog.js';
import type { PublisherSink } from './publisher.js';
import { sendNginxError } from './rest-http.js';
import { restRoutes } from './rest-routes.js';
import { RestServer } from './rest-server.js';
import { Shop } from './shop.js';
import { createShopEvents } from './shop-events.js';
import { createSocketServer, type StageSockets } from './socket-server.js';
import { answerSrsApi, type SrsWorld } from './srs-api.js';
import { stageClock } from './stage-clock.js';
import { createStageMedia } from './stage-media.js';
import { type ResolvedStageOptions, resolveStageOptions, type StageOptions } from './stage-options.js';
import { Throttle } from './throttle.js';
import { Wire } from './wire.js';

export interface StageUrls {
  readonly apiUrl: string;
  readonly socketUrl: string;
  readonly flvUrl: string;
  readonly hlsUrl: string;
}

export interface RunningStage {
  readonly urls: StageUrls;
  /** Base of the control API, without `/__stage`. */
  readonly controlUrl: string;
  readonly streamKey: string;
  /** For tests in the same process; others use the control API. */
  readonly accounts: Accounts;
  readonly faults: FaultBoard;
  /** Ends every connection and timer; safe to call again. */
  close(): Promise<void>;
}

/** As nginx in front of the real platform; Node's own 5 s would race with slow pollers. */
const KEEP_ALIVE_MS = 65_000;
const LISTEN_BACKLOG = 4096;
/** Grace of an unpublish under `short-grace`. */
const SHORT_GRACE_MS = 1000;

/**
 * Starts a platform on loopback; it is on air when the promise resolves. Throws ConfigError for bad options and
 * for an address or port that cannot be had; nothing is left running then.
 */
export async function startStage(options: StageOptions = {}): Promise<RunningStage> {
  const resolved = resolveStageOptions(options);
  const parts = await buildParts(resolved);
  try {
    return await goOnAir(parts, resolved);
  } catch (error) {
    await closeParts(parts);
    throw error;
  }
}

async function goOnAir(parts: Parts, resolved: ResolvedStageOptions): Promise<RunningStage> {
  const { http, control, faults } = parts;
  const port = await listen(http, resolved.host, resolved.port);
  const controlPort = await listen(control, resolved.host, 0);
  parts.publisher.start(resolved.prerollMs);
  for (const fault of resolved.faults) faults.plant(fault);
  const base = `http://${resolved.host}:${port}`;
  let closing: Promise<void> | undefined;
  return {
    urls: { apiUrl: base, socketUrl: base, flvUrl: base, hlsUrl: base },
    controlUrl: `http://${resolved.host}:${controlPort}`,
    streamKey: resolved.streamKey,
    accounts: parts.accounts,
    faults,
    close() {
      closing ??= closeParts(parts);
      return closing;
    },
  };
}

type Parts = Awaited<ReturnType<typeof buildParts>>;

/** The clip with one keyframe every `gopMs`. */
async function loadClip(gopMs: number): Promise<Clip> {
  return readClip(await readFile(new URL(`../../assets/clip-gop${gopMs / 1000}.flv`, import.meta.url)));
}

async function buildParts(options: ResolvedStageOptions) {
  const clock = stageClock;
  const { streamKey } = options;
  const counts = emptyCounts();
  const faults = new FaultBoard(clock);
  const struck = (kind: FaultKind) => () => faults.active(kind) !== undefined;
  const isFree = (kind: FaultKind): boolean => faults.active(kind) === undefined;
  const accounts = new Accounts(clock, options.seed, options.jwtSecret, {
    refusesTokens: struck('refuse-tokens'),
    accessTtlS: options.accessTtlS,
  });
  const clip = await loadClip(options.gopMs);
  const { flv, hls, publisher, contexts, capacity, bitsPerS } = createStageMedia(
    { clock, counts, faults, clip },
    options,
  );
  const media = { streamKey, flv, hls, clock, capacity };
  let sockets: StageSockets | undefined;
  const events = createShopEvents({
    ...{ clock, streamKey, productDto: (product) => productDto(product, streamKey) },
    root: () => (sockets as StageSockets).root,
    nameOf: (userId) => accounts.nameOf(userId),
  });
  const shop = new Shop(stageProducts(streamKey, options.stock), events, options.doubleDecrement);
  const graceMs = () => faults.spanMs('short-grace', SHORT_GRACE_MS) ?? options.doneGraceMs;
  const isMute = struck('mute-end');
  const status = new LiveStatus(clock, graceMs, () => {
    if (!isMute()) sockets?.viewers.announceEnd(streamKey);
  });
  publisher.addSink(withHooks(status, struck));
  const routes = restRoutes({
    ...{ clock, accounts, shop, streamKey, isLive: () => status.live },
    refuses: { refresh: struck('refuse-refresh'), devLogin: struck('refuse-dev-login') },
    liveSinceEpochMs: () => status.liveSinceEpochMs,
    viewerCount: () => sockets?.viewers.count(streamKey) ?? 0,
  });
  const throttle = new Throttle(options.throttle);
  const rest = new RestServer({ clock, accounts, counts, faults, capacity, throttle, routes });
  const startedEpochMs = clock.epochMs();
  const isPublishing = (): boolean => publisher.publishing;
  const srs: SrsWorld = { clock, counts, contexts, streamKey, bitsPerS, isPublishing, startedEpochMs };
  const controls = controlHandler({
    ...{ accounts, faults, shop, clock },
    counts: () => refreshed(counts, contexts),
  });
  const http = createServer((request, response) => {
    if (request.url?.startsWith('/__stage/')) controls(request, response);
    else route({ media, rest, srs, faults }, request, response);
  });
  http.keepAliveTimeout = KEEP_ALIVE_MS;
  sockets = createSocketServer(http, {
    ...{ clock, accounts, counts, faults, capacity, authDelayMs: options.authDelayMs },
  });
  const control = createServer(controls);
  faults.act('drop-sockets', { begin: () => sockets?.cut() });
  const eachStock = (stock: number) => () => {
    for (const { id } of shop.products()) shop.setStock(id, stock);
  };
  faults.act('sold-out', { begin: eachStock(0), end: eachStock(options.stock) });
  faults.act('wipe-viewers', { begin: () => sockets?.viewers.wipe() });
  faults.act('lose-rooms', { begin: () => sockets?.loseRooms() });
  // After the sockets: it stands before all who listen.
  const wire = new Wire(http);
  faults.act('blackhole', { begin: () => wire.hold(), end: () => isFree('blackhole') && wire.release() });
  faults.act('reset-all', { begin: () => wire.reset() });
  return { http, control, sockets, publisher, faults, contexts, status, media, accounts };
}

/** What the media server tells the platform: one that was killed says no goodbye, and one may not be heard. */
function withHooks(status: LiveStatus, struck: (kind: FaultKind) => () => boolean): PublisherSink {
  const [isKilled, staysOffline] = [struck('kill-media'), struck('stays-offline')];
  return {
    onPublish: () => !staysOffline() && status.onPublish(),
    onUnpublish: () => !isKilled() && status.onUnpublish(),
    onUnits() {},
  };
}

function refreshed(counts: StageCounts, contexts: HlsContexts): StageCounts {
  counts.hls.sessionsNow = contexts.size;
  return counts;
}

interface Routes {
  readonly media: Parameters<typeof serveMedia>[0];
  readonly rest: RestServer;
  readonly srs: SrsWorld;
  readonly faults: FaultBoard;
}

function route(routes: Routes, request: IncomingMessage, response: ServerResponse): void {
  if (routes.faults.active('html-502')) {
    sendNginxError(response, 502, 'Bad Gateway');
    return;
  }
  const url = urlOf(request);
  if (url === undefined) sendNginxError(response, 400, 'Bad Request');
  else if (isMediaServer(url) && routes.faults.active('kill-media')) refuseMedia(routes, request, response);
  else if (url.pathname.startsWith('/api/v1/')) answerSrsApi(routes.srs, url, response);
  else if (url.pathname.startsWith('/api/')) void routes.rest.answer(request, response, url);
  else if (url.pathname === '/health') response.end('healthy\n');
  else if (!serveMedia(routes.media, url, request, response)) sendNginxError(response, 404, 'Not Found');
}

function isMediaServer({ pathname }: URL): boolean {
  return /^\/(api\/v1|live|hls)\//.test(pathname);
}

/** The port is shared with the API, and cannot refuse: a request for media is reset. */
function refuseMedia({ faults }: Routes, request: IncomingMessage, response: ServerResponse): void {
  if (faults.active('kill-media')?.parameters.as === 502) sendNginxError(response, 502, 'Bad Gateway');
  else request.socket.resetAndDestroy();
}

function urlOf(request: IncomingMessage): URL | undefined {
  const path = request.url ?? '/';
  return path.startsWith('/') && URL.canParse(`http://stage${path}`)
    ? new URL(`http://stage${path}`)
    : undefined;
}

async function closeParts(parts: Parts): Promise<void> {
  parts.publisher.stop();
  parts.faults.close();
  parts.contexts.close();
  parts.status.close();
  parts.media.flv.close();
  await parts.sockets.close();
  parts.http.closeAllConnections();
  parts.control.closeAllConnections();
  await Promise.all([closed(parts.http), closed(parts.control)]);
}

function closed(server: Server): Promise<void> {
  return new Promise((resolve) => server.close(() => resolve()));
}

function listen(server: Server, host: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const fail = (cause: NodeJS.ErrnoException): void => {
      const problem = `cannot listen on ${host}:${port}: ${cause.code ?? cause.message}`;
      reject(new ConfigError([{ path: 'stage', problem }], { cause }));
    };
    server.once('error', fail);
    server.listen({ host, port, backlog: LISTEN_BACKLOG }, () => {
      server.off('error', fail);
      resolve((server.address() as AddressInfo).port);
    });
  });
}
