import type { RunConfig } from '../config.js';
import type { Protocol } from '../events.js';
import { createRng } from '../rng.js';
import type { Clock, Http, PublisherClock, SocketHub } from '../seams.js';
import type { Target, ViewerIdentity } from '../target.js';
import { readToken } from '../token-claims.js';
import { findings, isSilent } from './findings.js';
import { probe } from './probe.js';
import type { PreflightCheck } from './report.js';
import { lookAtRest } from './rest.js';

export interface LookDeps {
  readonly clock: Clock;
  readonly hub: SocketHub;
  readonly config: Pick<RunConfig, 'mix' | 'profile' | 'writes'>;
  readonly target: Target;
  /** Empty = a guest. */
  readonly identity: ViewerIdentity;
  newHttp(): Http;
  /** The clock of capture times. */
  readonly publisherClock: PublisherClock;
  /** When the look must be over, run ms. */
  readonly endAtMs: number;
  /** Resolves when nobody wants to know any more. */
  readonly stop: Promise<unknown>;
}

/** What the look came to. */
export interface Look {
  readonly checks: readonly PreflightCheck[];
  /** No part of the platform sent anything back. */
  readonly silent: boolean;
}

/** However late it begins, a look is worth this long. */
const MIN_PATIENCE_MS = 1000;

/** Makes the look: REST reads and a probe viewer at the same time. */
export function createLook(deps: LookDeps): (giveUp: Promise<unknown>) => Promise<Look> {
  return async (giveUp) => {
    const { clock, hub, config, target, newHttp, publisherClock } = deps;
    const identity = borrowed(deps.identity, clock.epochMs());
    const patienceMs = Math.max(MIN_PATIENCE_MS, deps.endAtMs - clock.nowMs());
    const http = newHttp();
    const enough = Promise.race([giveUp, deps.stop]);
    void enough.then(() => http.close());
    const { cartAddShare = 0, ordersPerHourShare = 0 } = config.profile.rates;
    const usesCart = config.writes && cartAddShare + ordersPerHourShare > 0;
    const [rest, seen] = await Promise.all([
      lookAtRest({ clock, http, target, identity, usesCart, patienceMs }),
      probe({
        ...{ clock, hub, target, identity, newHttp, patienceMs, publisherClock },
        rng: createRng(1, 'preflight'),
        protocols: protocolsOf(config.mix),
        giveUp: enough,
      }),
    ]).finally(() => http.close());
    return { checks: findings(rest, seen), silent: isSilent(rest, seen) };
  };
}

/**
 * The account as the look may use it. A refresh token is good for one renewal and belongs to the run's viewer; so an
 * access token that has run out is left to that viewer, and the look goes as a guest.
 */
function borrowed({ refreshToken, ...identity }: ViewerIdentity, nowEpochMs: number): ViewerIdentity {
  if (identity.accessToken === undefined) return {};
  const { expEpochMs = Number.POSITIVE_INFINITY } = readToken(identity.accessToken) ?? {};
  return refreshToken !== undefined && expEpochMs <= nowEpochMs ? {} : identity;
}

function protocolsOf(mix: RunConfig['mix']): Protocol[] {
  return (['flv', 'hls'] as const).filter((protocol) => mix[protocol] > 0);
}
