/** What a platform still counts of a run's viewers when all have left. */
export interface LeftOpen {
  readonly sockets: number;
  readonly flv: number;
  /** Of the stream's room. */
  readonly members: number;
}

/** The counts of a stage, as far as they are looked at here. */
interface Counts {
  readonly sockets?: { readonly connectionsNow?: unknown };
  readonly flv?: { readonly viewersNow?: unknown };
  readonly viewers?: { readonly now?: unknown };
}

/** Goodbyes and closing connections are under way for a moment. */
const PATIENCE_MS = 3000;
const EVERY_MS = 150;

/**
 * What of a run is still open on its stage, asked until nothing is or a few seconds are over. Undefined = nothing, or
 * nobody to ask.
 * @param read the stage's counts
 */
export async function findLeftOpen(
  read: () => Promise<unknown>,
  wait: (ms: number) => Promise<void>,
): Promise<LeftOpen | undefined> {
  let left: LeftOpen | undefined;
  for (let waitedMs = 0; waitedMs <= PATIENCE_MS; waitedMs += EVERY_MS) {
    try {
      left = leftOf((await read()) as Counts);
    } catch {
      // A stage that has gone keeps nothing open; that it went is told elsewhere.
      return undefined;
    }
    if (left === undefined) return undefined;
    await wait(EVERY_MS);
  }
  return left;
}

function leftOf({ sockets, flv, viewers }: Counts): LeftOpen | undefined {
  const left = {
    sockets: count(sockets?.connectionsNow),
    flv: count(flv?.viewersNow),
    members: count(viewers?.now),
  };
  return left.sockets + left.flv + left.members > 0 ? left : undefined;
}

/** Whether a line of a file is what it should be. */
export function isLeftOpen({ sockets, flv, members }: Partial<Record<keyof LeftOpen, unknown>>): boolean {
  return [sockets, flv, members].every((one) => Number.isInteger(one) && (one as number) >= 0);
}

function count(value: unknown): number {
  return typeof value === 'number' && value > 0 ? value : 0;
}

/** `after all had left, the platform still counted 2 sockets and 1 member of the room`. */
export function leftOpenWords({ sockets, flv, members }: LeftOpen): string {
  const parts = [
    ...(sockets > 0 ? [`${sockets} socket${s(sockets)}`] : []),
    ...(flv > 0 ? [`${flv} FLV connection${s(flv)}`] : []),
    ...(members > 0 ? [`${members} member${s(members)} of the stream's room`] : []),
  ];
  return `no clean drain: after all had left, the platform still counted ${parts.join(', ')}`;
}

function s(number: number): string {
  return number === 1 ? '' : 's';
}
