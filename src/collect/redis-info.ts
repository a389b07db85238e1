import type { Connection } from './kept-connection.js';
import type { Values } from './reading.js';

/** What a key that is asked for the number of its members answers: it, or why there is none. */
export type Size = { readonly size: number } | { readonly absent: string };

export const WRONG_TYPE = 'the key is of another type';

/** A connection to Redis that can only look. */
export interface RedisConnection extends Connection {
  /** INFO and then the sizes, in one go. @throws {Error} when INFO fails, in words */
  look(
    keys: readonly { readonly command: 'SCARD' | 'LLEN'; readonly key: string }[],
  ): Promise<{ readonly info: string; readonly sizes: readonly Size[] }>;
}

/** What one answer to INFO says. */
export interface RedisInfo {
  /** Another one = the server was started anew. */
  readonly runId: string;
  /** Of this moment. */
  readonly gauges: Values;
  /** Since the server was started, or CONFIG RESETSTAT. */
  readonly counters: Values;
  readonly absent: Readonly<Record<string, string>>;
}

const MB = 1e6;

/** Field of the line: field of INFO, and what one of it is in the unit of the line. */
const GAUGES: Readonly<Record<string, readonly [string, number]>> = {
  connected_clients: ['connected_clients', 1],
  blocked_clients: ['blocked_clients', 1],
  max_clients: ['maxclients', 1],
  used_memory_mb: ['used_memory', 1 / MB],
  used_memory_peak_mb: ['used_memory_peak', 1 / MB],
  rss_mb: ['used_memory_rss', 1 / MB],
  mem_fragmentation_ratio: ['mem_fragmentation_ratio', 1],
  mem_fragmentation_mb: ['mem_fragmentation_bytes', 1 / MB],
  ops_per_sec: ['instantaneous_ops_per_sec', 1],
  pubsub_channels: ['pubsub_channels', 1],
  uptime_s: ['uptime_in_seconds', 1],
};

const COUNTERS: Readonly<Record<string, readonly [string, number]>> = {
  evicted_keys: ['evicted_keys', 1],
  expired_keys: ['expired_keys', 1],
  keyspace_hits: ['keyspace_hits', 1],
  keyspace_misses: ['keyspace_misses', 1],
  rejected_connections: ['rejected_connections', 1],
  connections: ['total_connections_received', 1],
  commands: ['total_commands_processed', 1],
  error_replies: ['total_error_replies', 1],
  net_in_mb: ['total_net_input_bytes', 1 / MB],
  net_out_mb: ['total_net_output_bytes', 1 / MB],
};

/**
 * Reads the answer to INFO: lines of `name:value`, sections as comments (redis.io, INFO).
 * @throws {Error} for what is no such answer
 */
export function parseInfo(text: string): RedisInfo {
  const pairs = new Map<string, string>();
  for (const line of text.split(/\r?\n/)) {
    const colon = line.indexOf(':');
    if (colon > 0 && !line.startsWith('#')) pairs.set(line.slice(0, colon), line.slice(colon + 1));
  }
  const runId = pairs.get('run_id');
  if (runId === undefined || runId === '') throw new Error('INFO is no answer of Redis');
  const absent: Record<string, string> = {};
  const picked = (table: typeof GAUGES): Record<string, number> => {
    const values: Record<string, number> = {};
    for (const [field, [name, unit]] of Object.entries(table)) {
      const number = numberOf(pairs.get(name));
      if (number === undefined) absent[field] = `INFO has no number at ${name}`;
      else values[field] = number * unit;
    }
    return values;
  };
  const gauges = picked(GAUGES);
  const counters = picked(COUNTERS);
  return { runId, gauges: { ...gauges, ...sizes(pairs, absent) }, counters, absent };
}

/** Keys of all databases, and how much of what it may use it does use. */
function sizes(pairs: ReadonlyMap<string, string>, absent: Record<string, string>): Values {
  let keys = 0;
  for (const [name, value] of pairs)
    if (/^db\d+$/.test(name)) keys += Number(/(?:^|,)keys=(\d+)/.exec(value)?.[1] ?? 0);
  const used = numberOf(pairs.get('used_memory'));
  const most = numberOf(pairs.get('maxmemory'));
  if (most === undefined || most === 0 || used === undefined) {
    const why = most === 0 ? 'no maxmemory is set' : 'INFO has no number at maxmemory';
    absent.max_memory_mb = why;
    absent.memory_pct = why;
    return { keys };
  }
  return { keys, max_memory_mb: most / MB, memory_pct: (used / most) * 100 };
}

/** Lookups, and commands, of our own between two looks: they are no work of the platform. */
export interface OwnWork {
  readonly hits: number;
  readonly misses: number;
  readonly commands: number;
  readonly errors: number;
}

/** Counts of the interval: what has grown, without our own work. */
export function countsOf(by: Values, own: OwnWork): Values {
  const less = (name: string, ours: number): Values => {
    const grown = by[name];
    return grown === undefined ? {} : { [name]: Math.max(0, grown - ours) };
  };
  const counts: Values = {
    ...by,
    ...less('keyspace_hits', own.hits),
    ...less('keyspace_misses', own.misses),
    ...less('commands', own.commands),
    ...less('error_replies', own.errors),
  };
  const { keyspace_hits: hits, keyspace_misses: misses } = counts;
  const hasLookups = hits !== undefined && misses !== undefined && hits + misses > 0;
  return {
    ...counts,
    ...(hasLookups ? { hit_pct: (hits / (hits + misses)) * 100 } : {}),
  };
}

function numberOf(text: string | undefined): number | undefined {
  if (text === undefined || text.trim() === '') return undefined;
  const number = Number(text);
  return Number.isFinite(number) ? number : undefined;
}
