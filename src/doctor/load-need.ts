import type { RunConfig } from '../config.js';

/** What the planned run asks of everything that has a limit. */
export interface LoadNeed {
  readonly vus: number;
  /** Addresses that viewers come from. */
  readonly addresses: number;
  /** Connections that stay open from one address: a WebSocket each, and a body of FLV for those who watch that. */
  readonly heldPerAddress: number;
  /** The same for media alone. */
  readonly mediaHeld: number;
  /** Calls of the API in a second, from one address, without those that events cause. */
  readonly callsPerS: number;
  readonly hls: boolean;
  readonly flv: boolean;
}

/** Adds up what `config.maxVus` viewers hold open and ask for. Pure. */
export function loadNeed({
  maxVus: vus,
  mix,
  profile,
  localIps,
}: Pick<RunConfig, 'maxVus' | 'mix' | 'profile' | 'localIps'>): LoadNeed {
  const addresses = Math.max(1, localIps.length);
  const flvShare = mix.flv / (mix.flv + mix.hls);
  const { productsEveryMs, statusEveryMs, noticesEveryMs, cartEveryMs } = profile.rates;
  const callsPerViewerS = [productsEveryMs, statusEveryMs, noticesEveryMs, cartEveryMs]
    .filter((everyMs) => everyMs !== undefined)
    .reduce((sum, everyMs) => sum + 1000 / everyMs, 0);
  return {
    vus,
    addresses,
    heldPerAddress: Math.ceil((vus * (1 + flvShare)) / addresses),
    mediaHeld: Math.ceil(vus * flvShare),
    callsPerS: (vus * callsPerViewerS) / addresses,
    hls: mix.hls > 0,
    flv: mix.flv > 0,
  };
}
