import type { ConfigIssue } from '../errors.js';
import { Secret } from './jwt-secret.js';
import { hostOf, isLoopbackHost, parseWhole } from './values.js';

/** Where the broker between boxes and coordinator is, and how it knows us. */
export interface BrokerSetting {
  /** Without user and password: may be shown. Several servers of one cluster with commas. */
  readonly url: string;
  /** The same with them; for who connects. */
  readonly secretUrl: Secret;
  readonly tls?: BrokerTls;
}

/** Files, PEM. */
export interface BrokerTls {
  /** Whom the broker's certificate may be of; absent = whom the system trusts. */
  readonly caFile?: string;
  /** Our own certificate and its key, for a broker that wants one. */
  readonly certFile?: string;
  readonly keyFile?: string;
}

export interface BrokerFlags {
  readonly nats?: string;
  readonly 'nats-ca'?: string;
  readonly 'nats-cert'?: string;
  readonly 'nats-key'?: string;
}

const NATS = '--nats';
const WANTED = 'nats://USER:PASSWORD@HOST:4222 or tls://..., best in the environment: DORAMI_LOAD_NATS';

/**
 * Reads `--nats` and what belongs to it; undefined when no broker is named, or with what is wrong in `issues`, which never
 * quote what may hold a password. Whoever may speak to the broker can load a platform: without a user it is refused.
 */
export function resolveBroker(flags: BrokerFlags, issues: ConfigIssue[]): BrokerSetting | undefined {
  const tls = resolveBrokerTls(flags, issues);
  if (flags.nats === undefined) {
    if (tls !== undefined && !('embed-nats' in flags)) issues.push(alone());
    return undefined;
  }
  const servers = flags.nats.split(',').map((text) => parseServer(text.trim()));
  if (servers.includes(undefined)) {
    issues.push({ path: NATS, problem: 'not the address of a NATS server', wanted: WANTED });
    return undefined;
  }
  const known = servers as URL[];
  if (known.some(({ username, password }) => username === '' || password === '')) {
    const problem = 'no user or no password: whoever may speak to the broker can load a platform';
    issues.push({ path: NATS, problem, wanted: WANTED });
    return undefined;
  }
  return {
    url: known.map(({ protocol, host }) => `${protocol}//${host}`).join(','),
    secretUrl: new Secret('DORAMI_LOAD_NATS', flags.nats),
    ...(tls === undefined ? {} : { tls }),
  };
}

function resolveBrokerTls(flags: BrokerFlags, issues: ConfigIssue[]): BrokerTls | undefined {
  const { 'nats-ca': caFile, 'nats-cert': certFile, 'nats-key': keyFile } = flags;
  for (const [path, file] of Object.entries({
    '--nats-ca': caFile,
    '--nats-cert': certFile,
    '--nats-key': keyFile,
  }))
    if (file === '') issues.push({ path, problem: 'no file given' });
  if ((certFile === undefined) !== (keyFile === undefined)) {
    const path = certFile === undefined ? '--nats-cert' : '--nats-key';
    issues.push({ path, problem: 'missing: a certificate and its key belong together' });
  }
  if (caFile === undefined && certFile === undefined && keyFile === undefined) return undefined;
  return {
    ...(caFile === undefined ? {} : { caFile }),
    ...(certFile === undefined ? {} : { certFile }),
    ...(keyFile === undefined ? {} : { keyFile }),
  };
}

function alone(): ConfigIssue {
  return { path: '--nats-ca', problem: 'certificates of a broker that nobody names', wanted: NATS };
}

function parseServer(text: string): URL | undefined {
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    return undefined;
  }
  const isNats = url.protocol === 'nats:' || url.protocol === 'tls:';
  const isBare = (url.pathname === '' || url.pathname === '/') && url.search === '' && url.hash === '';
  return isNats && isBare && url.hostname !== '' ? url : undefined;
}

/** A broker that the run starts for itself. */
export interface EmbeddedBroker {
  readonly host: string;
  /** 0 = any free one. */
  readonly port: number;
}

/** Reads `--embed-nats [HOST:]PORT`: this machine only, unless a host is named. */
export function resolveEmbedded(seen: string | undefined, issues: ConfigIssue[]): EmbeddedBroker | undefined {
  if (seen === undefined) return undefined;
  const [, host = '127.0.0.1', text = ''] = /^(?:(\[[^\]]+\]|[^:]+):)?(\d+)$/.exec(seen) ?? [];
  const port = parseWhole(text, 0, 65_535);
  if (port === undefined) {
    issues.push({ path: '--embed-nats', problem: 'not a port', seen, wanted: '4222, or 10.0.0.5:4222' });
    return undefined;
  }
  return { host, port };
}

/** Whether what is said to a broker there leaves this machine in the clear. Tokens of viewers are sealed even then. */
export function isInClear({ url }: Pick<BrokerSetting, 'url'>): boolean {
  return url.split(',').some((one) => one.startsWith('nats:') && !isLoopbackHost(hostOf(one)));
}
