import { BoxRefused } from '../cluster/box.js';
import type { RemoteBox } from '../cluster/remote-box.js';

/** A box whose clock is known worse than this would make latencies up. */
export const MAX_CLOCK_ERROR_MS = 50;
/** Tokens that it makes would be too old, or of tomorrow. */
const MAX_CLOCK_OFFSET_MS = 30_000;
/** A sign of life comes each second, and the first one after a comparison tells of it. */
const CLOCK_PATIENCE_MS = 4000;
const LOOK_MS = 100;

/**
 * Waits until each box has told how its clock stands beside ours.
 * @throws {BoxRefused} when one is too far from ours, or not known well enough
 */
export async function clocksKnown(
  boxes: readonly { readonly id: string; readonly account: Pick<RemoteBox['account'], 'clock'> }[],
  wait: (ms: number) => Promise<unknown>,
): Promise<void> {
  for (let waitedMs = 0; ; waitedMs += LOOK_MS) {
    const unknown = boxes.find(({ account }) => account.clock === undefined);
    if (unknown === undefined) break;
    if (waitedMs >= CLOCK_PATIENCE_MS) throw new BoxRefused(unknown.id, 'its clock could not be compared');
    await wait(LOOK_MS);
  }
  for (const { id, account } of boxes) {
    const { offsetMs = 0, uncertaintyMs = 0 } = account.clock ?? {};
    if (Math.abs(offsetMs) > MAX_CLOCK_OFFSET_MS)
      throw new BoxRefused(id, `its clock is ${Math.round(Math.abs(offsetMs) / 1000)} s off, 30 s may be`);
    if (uncertaintyMs > MAX_CLOCK_ERROR_MS) {
      const seen = Math.round(uncertaintyMs);
      throw new BoxRefused(
        id,
        `its clock is known to ${seen} ms only, ${MAX_CLOCK_ERROR_MS} ms is the limit`,
      );
    }
  }
}
