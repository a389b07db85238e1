import { type LookupAddress, type LookupOptions, lookup as systemLookup } from 'node:dns';
import {
  connect as connectTcp,
  isIP,
  type LookupFunction,
  type OnReadOpts,
  type Socket,
  type TcpNetConnectOpts,
} from 'node:net';
import { connect as connectTls } from 'node:tls';
import { TargetNotAllowedError } from '../errors.js';
import type { Clock } from '../seams.js';
import type { AllowList } from './allow-list.js';
import { cacheNames } from './name-cache.js';
import type { ViewerHome } from './viewer-home.js';

/** Where to connect; `host` as in URL.hostname (IPv6 may stand in brackets). */
export interface SocketTarget {
  readonly host: string;
  readonly port: number;
  readonly tls: boolean;
  /** Protocols to offer in the TLS handshake (RFC 7301), best first; absent = HTTP/1.1 only. */
  readonly alpn?: readonly string[];
  /** Read into a buffer of the caller instead of new ones; see net.connect. */
  readonly onread?: OnReadOpts;
}

/** Counts since the connector was made. */
export interface ConnectorStats {
  /** Sockets that were asked for, whether or not they connected. */
  readonly openedCount: number;
  /** Sockets that are open or connecting now. */
  readonly openCount: number;
  /** Sockets that the allow list did not let open. */
  readonly notAllowedCount: number;
  /** Failures for want of something on this machine (descriptors, ports, memory): never the platform's fault. */
  readonly localFailureCount: number;
}

/** Opens every socket that the generator has. */
export interface Connector {
  /**
   * A TCP or TLS socket that is connecting. The allow list judges the host before it is resolved and each address
   * it resolves to; a refusal comes as a TargetNotAllowedError in the socket's `error` event, as every failure.
   */
  open(target: SocketTarget): Socket;
  stats(): ConnectorStats;
}

/** The connector of a whole worker. */
export interface SharedConnector extends Connector {
  /** The same for one viewer: from its address, with its TLS sessions; counted and judged alike. */
  from(home: ViewerHome): Connector;
}

/** System resolver, or one of a test. */
export type Resolve = (
  host: string,
  options: LookupOptions & { all: true },
  done: (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void,
) => void;

/** What a worker's HTTP and its WebSockets know of the network in common. */
export interface NetOptions {
  readonly allowList: AllowList;
  /** Further certificate authorities for TLS, PEM. */
  readonly ca?: string;
  /** Take any certificate, of hosts that the allow list lets pass: no other gets a connection. */
  readonly insecure?: boolean;
  /** Told of the host of each socket that the allow list did not let open. */
  readonly onNotAllowed?: (host: string) => void;
}

export interface ConnectorOptions extends NetOptions {
  readonly resolve?: Resolve;
  /** With a clock, names are kept for a minute and TLS handshakes end in time; without, neither. */
  readonly clock?: Clock;
}

const LOCAL_SHORTAGE = new Set(['EMFILE', 'ENFILE', 'EADDRNOTAVAIL', 'ENOBUFS', 'ENOMEM', 'EADDRINUSE']);

/** True for errors that mean that this machine, not the peer, had no room for another connection. */
export function isLocalShortage(error: unknown): boolean {
  return LOCAL_SHORTAGE.has(String((error as NodeJS.ErrnoException | undefined)?.code));
}

/**
 * The one place where sockets are opened, so that redirects, absolute URIs in playlists and names that resolve
 * to somewhere else all meet the allow list.
 */
export function createConnector(options: ConnectorOptions): SharedConnector {
  const { allowList, clock } = options;
  const ask = options.resolve ?? systemLookup;
  const resolve = clock ? cacheNames(ask, clock) : ask;
  const counts = { openedCount: 0, openCount: 0, notAllowedCount: 0, localFailureCount: 0 };
  const lookup = guardedLookup(allowList, resolve);

  const open = (target: SocketTarget, home: ViewerHome): Socket => {
    const host = target.host.replace(/^\[(.*)\]$/, '$1');
    const { port, onread } = target;
    if (allowList.check(host) === 'refused') {
      return refusedSocket(new TargetNotAllowedError(host, NOT_LISTED));
    }
    const { localAddress } = home;
    const tcp = {
      host,
      port,
      lookup,
      noDelay: true,
      ...(onread && { onread }),
      ...(localAddress !== undefined && { localAddress, family: isIP(localAddress) }),
    };
    return target.tls ? openTls(tcp, target, home, options) : connectTcp(tcp);
  };

  const openCounted = (target: SocketTarget, home: ViewerHome): Socket => {
    counts.openedCount++;
    counts.openCount++;
    const socket = open(target, home);
    socket.on('error', (error) => {
      if (error instanceof TargetNotAllowedError) {
        counts.notAllowedCount++;
        options.onNotAllowed?.(error.host);
      } else if (isLocalShortage(error)) counts.localFailureCount++;
    });
    socket.once('close', () => counts.openCount--);
    return socket;
  };

  const stats = (): ConnectorStats => ({ ...counts });
  const from = (home: ViewerHome): Connector => ({ open: (target) => openCounted(target, home), stats });
  return { ...from({}), from };
}

/**
 * TLS as a browser has it: the name in the handshake, and a connection to a place where this viewer has been before
 * takes up the session it got there (RFC 8446 2.2).
 */
function openTls(
  tcp: TcpNetConnectOpts,
  { port, alpn = HTTP1_ONLY }: SocketTarget,
  home: ViewerHome,
  { ca, insecure, clock }: ConnectorOptions,
): Socket {
  const place = `${tcp.host}:${port}`;
  const session = home.tlsSessions?.get(place);
  const socket = connectTls({
    ...tcp,
    ...(isIP(tcp.host ?? '') === 0 && tcp.host !== undefined && { servername: tcp.host }),
    ...(ca !== undefined && { ca }),
    ...(session !== undefined && { session }),
    rejectUnauthorized: insecure !== true,
    ALPNProtocols: [...alpn],
  });
  if (home.tlsSessions) socket.on('session', (ticket) => home.tlsSessions?.set(place, ticket));
  if (clock) limitHandshake(socket, clock);
  return socket;
}

/** As Chrome has it. Without an end, one server that accepts and says nothing would hold all that wait for it. */
const HANDSHAKE_MS = 30_000;

function limitHandshake(socket: Socket, clock: Clock): void {
  socket.once('connect', () => {
    const late = (): void => {
      const error = new Error(`no TLS handshake within ${HANDSHAKE_MS / 1000} s`);
      socket.destroy(Object.assign(error, { code: 'ETIMEDOUT' }));
    };
    const cancel = clock.after(HANDSHAKE_MS, late);
    socket.once('secureConnect', cancel);
    socket.once('close', cancel);
  });
}

const HTTP1_ONLY: readonly string[] = ['http/1.1'];

const NOT_LISTED = 'neither loopback nor named with --allow-target';

/**
 * A socket that fails as one does whose name cannot be resolved: late enough for every user (the agent of a
 * WebSocket, too) to have its listeners in place. Nothing is looked up.
 */
function refusedSocket(error: TargetNotAllowedError): Socket {
  return connectTcp({ host: 'refused.invalid', port: 1, lookup: (_host, _options, done) => done(error, []) });
}

/** Resolves all addresses and passes them on only if every one of them may be connected to. */
function guardedLookup(allowList: AllowList, resolve: Resolve): LookupFunction {
  return (host, options, done) => {
    resolve(host, { ...options, all: true }, (error, addresses) => {
      if (error) return done(error, []);
      const refused = addresses.find(({ address }) => allowList.check(host, address) !== 'allowed');
      if (refused) {
        const where = `it resolves to ${refused.address}, ${NOT_LISTED}`;
        return done(new TargetNotAllowedError(host, where), []);
      }
      const [first] = addresses;
      if (!first) return done(Object.assign(new Error('no address'), { code: 'ENOTFOUND' }), []);
      if (options.all) done(null, addresses);
      else done(null, first.address, first.family);
    });
  };
}
