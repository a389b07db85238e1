/** Everything that can be set on the stage; the only place with its defaults. */
import { randomBytes } from 'node:crypto';
import { ConfigError } from '../errors.js';
import { DEFAULT_ACCESS_TTL_S } from './accounts.js';
import type { FaultSpec } from './fault-spec.js';
import type { ThrottleLimits } from './throttle.js';

export interface StageOptions {
  /** Address to listen on; default 127.0.0.1. */
  readonly host?: string;
  /** Port of the platform; default 0 = any free one. The control API always takes a free one of its own. */
  readonly port?: number;
  /** Default: 32 random hex digits. */
  readonly streamKey?: string;
  /** Bitrate of the stream, audio and video, bits per second; default 2.6 million. */
  readonly bitsPerS?: number;
  /** Keyframe interval: 1000 (default) or 2000 ms. */
  readonly gopMs?: number;
  /** What looking up a socket's token costs, ms; default 15. */
  readonly authDelayMs?: number;
  /** Media that counts as published before the stage is ready, ms; default 6000, so that HLS starts at once. */
  readonly prerollMs?: number;
  /** Publisher's time at its start, ms; default 0. Near a wrap it tests readers. */
  readonly timestampBaseMs?: number;
  /** Messages in SRS's GOP cache, audio and video; default 30, 0 = no limit. */
  readonly gopCacheMessages?: number;
  /** Segment length asked for and window of the playlist, ms; default 1000 and 4000. */
  readonly hlsFragmentMs?: number;
  readonly hlsWindowMs?: number;
  /** An FLV request without a publisher is answered 504 after so long, as nginx would; default 0 = never. */
  readonly flvSilenceLimitMs?: number;
  /** How long a stream counts as LIVE after unpublish, ms; default 45 000. */
  readonly doneGraceMs?: number;
  /** HTTP throttle; default as in production: 5000, 10 000, 50 000. */
  readonly throttle?: ThrottleLimits;
  /** Pieces of each product; default 1 million. */
  readonly stock?: number;
  /** Take stock twice per unit sold, as the real platform does; default true. */
  readonly doubleDecrement?: boolean;
  /** Lifetime of access tokens, s; default 3600. */
  readonly accessTtlS?: number;
  /** Secret that tokens are signed with, so that others can make some; default random. */
  readonly jwtSecret?: string;
  /** The same seed gives the same user ids; default random. */
  readonly seed?: number;
  /** Planted from the start; `atSeconds` counts from when the stage is ready. */
  readonly faults?: readonly FaultSpec[];
}

export type ResolvedStageOptions = Required<Omit<StageOptions, 'seed'>> & { readonly seed: string };

const SHORTEST_KEY = /^[A-Za-z0-9_-]{1,64}$/;

/** Fills in the defaults. Throws ConfigError with every problem. */
export function resolveStageOptions(options: StageOptions): ResolvedStageOptions {
  const resolved = {
    ...{ host: '127.0.0.1', port: 0, streamKey: randomBytes(16).toString('hex'), bitsPerS: 2_600_000 },
    ...{ gopMs: 1000, authDelayMs: 15, prerollMs: 6000, timestampBaseMs: 0, gopCacheMessages: 30 },
    ...{ hlsFragmentMs: 1000, hlsWindowMs: 4000, flvSilenceLimitMs: 0, doneGraceMs: 45_000 },
    ...{ throttle: { short: 5000, medium: 10_000, long: 50_000 }, stock: 1_000_000, doubleDecrement: true },
    ...{ accessTtlS: DEFAULT_ACCESS_TTL_S, jwtSecret: randomBytes(32).toString('hex'), faults: [] },
    ...options,
    seed: String(options.seed ?? randomBytes(8).toString('hex')),
  };
  const issues = [
    check(SHORTEST_KEY.test(resolved.streamKey), 'streamKey', resolved.streamKey, 'letters, digits, - and _'),
    check(resolved.gopMs === 1000 || resolved.gopMs === 2000, 'gopMs', resolved.gopMs, '1000 or 2000'),
    check(within(resolved.bitsPerS, 0, 100e6), 'bitsPerS', resolved.bitsPerS, '0 to 100 000 000'),
    check(within(resolved.port, 0, 65_535), 'port', resolved.port, '0 to 65535'),
    check(within(resolved.authDelayMs, 0, 60_000), 'authDelayMs', resolved.authDelayMs, '0 to 60000'),
    check(within(resolved.accessTtlS, 1, 30 * 86_400), 'accessTtlS', resolved.accessTtlS, '1 to 2592000'),
    check(within(resolved.prerollMs, 0, 60_000), 'prerollMs', resolved.prerollMs, '0 to 60000'),
  ].flat();
  if (issues.length > 0) throw new ConfigError(issues);
  return resolved;
}

function within(value: number, low: number, high: number): boolean {
  return value >= low && value <= high;
}

function check(good: boolean, path: string, seen: unknown, wanted: string) {
  return good ? [] : [{ path: `stage.${path}`, problem: 'out of range', seen: String(seen), wanted }];
}
