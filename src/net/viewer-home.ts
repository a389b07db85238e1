/** What sets one viewer's connections apart from another's. */
export interface ViewerHome {
  /** Address of this machine that they all come from; absent = the system chooses. */
  readonly localAddress?: string;
  /** TLS sessions by host and port; absent = none are kept. */
  readonly tlsSessions?: TlsSessions;
}

/** Origins of one viewer whose sessions are kept. */
const MAX_PLACES = 16;

/** The newest TLS session of each place, as a browser keeps it for the next connection there. */
export class TlsSessions {
  private readonly byPlace = new Map<string, Buffer>();

  get(place: string): Buffer | undefined {
    return this.byPlace.get(place);
  }

  set(place: string, session: Buffer): void {
    if (this.byPlace.size >= MAX_PLACES && !this.byPlace.has(place)) this.byPlace.clear();
    this.byPlace.set(place, session);
  }
}

/**
 * The home of a viewer that has just opened its browser. Addresses are dealt in turn by the viewer's number in the
 * whole run, so that it does not matter how viewers are spread over workers.
 */
export function createViewerHome(localIps: readonly string[], vu: number): ViewerHome {
  const localAddress = localIps[vu % Math.max(1, localIps.length)];
  const tlsSessions = new TlsSessions();
  return localAddress === undefined ? { tlsSessions } : { localAddress, tlsSessions };
}
