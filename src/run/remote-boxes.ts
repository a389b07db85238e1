import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { type BoxHandlers, BoxRefused } from '../cluster/box.js';
import type { RemoteBox } from '../cluster/remote-box.js';
import { RemoteFleet } from '../cluster/remote-fleet.js';
import { seal } from '../cluster/seal.js';
import type { BoxesSetting } from '../config/boxes.js';
import type { RunConfig } from '../config.js';
import { createClock } from '../seams-node.js';
import type { Target } from '../target.js';
import { findBoxes } from './find-boxes.js';
import type { BoxFigures, Fleet } from './fleet.js';
import { openBroker } from './open-broker.js';

export interface RemoteBoxesInput {
  readonly setting: BoxesSetting;
  readonly config: Pick<RunConfig, 'target'>;
  readonly target: Target;
  readonly version: string;
  say(line: string): void;
}

/** A box whose clock is known worse than this would make latencies up. */
const MAX_CLOCK_ERROR_MS = 50;
/** Tokens that it makes would be too old, or of tomorrow. */
const MAX_CLOCK_OFFSET_MS = 30_000;
/** A sign of life comes each second, and the first one after a comparison tells of it. */
const CLOCK_PATIENCE_MS = 4000;
const LOOK_MS = 100;
const HOUR_S = 3600;

/**
 * Finds the load boxes of a run at a broker.
 * @throws {PreflightError} when there is no broker, or too few boxes
 */
export async function openRemoteBoxes(input: RemoteBoxesInput): Promise<Fleet> {
  const { setting, config, target, version, say } = input;
  const clock = createClock(performance.timeOrigin + performance.now());
  const broker = await openBroker(setting, say);
  try {
    const { link, place, died } = broker;
    const hellos = await findBoxes({
      ...{ link, setting, version, target, say },
      stageHost: config.target.kind === 'stage' ? hostname() : undefined,
      nowMs: () => clock.nowMs(),
      wait: (ms) => delay(ms),
    });
    const run = wireName();
    let handlers: BoxHandlers | undefined;
    const fleet = await RemoteFleet.open({
      ...{ link, clock, run, head: wireName(), version, seal, say },
      handlers: {
        onMessage: (...of) => handlers?.onMessage(...of),
        onDied: (...of) => handlers?.onDied(...of),
        onState: (...of) => handlers?.onState(...of),
      },
    });
    const boxes: RemoteBox[] = hellos.map((hello) => fleet.box(hello));
    return {
      facts: boxes.map(({ facts }) => facts),
      remote: {
        ...{ run, place, died, tolerated: setting.tolerated },
        figures: (id) => figuresOf(boxes.find((box) => box.id === id)),
        begin: () => fleet.listen(),
        stand: () => clocksKnown(boxes),
      },
      open(theirs) {
        handlers = theirs;
        return boxes;
      },
      async close() {
        await fleet.close(true);
        await broker.close();
      },
    };
  } catch (error) {
    await broker.close();
    throw error;
  }
}

/** Sorts by time, and no two are alike. */
function wireName(): string {
  const utc = new Date().toISOString().replace(/[-:]|\.\d+/g, '');
  return `${utc}-${randomBytes(3).toString('hex')}`;
}

/** @throws {BoxRefused} when the clock of one is too far from ours, or not known well enough */
async function clocksKnown(boxes: readonly RemoteBox[]): Promise<void> {
  for (let waitedMs = 0; ; waitedMs += LOOK_MS) {
    const unknown = boxes.find(({ account }) => account.clock === undefined);
    if (unknown === undefined) break;
    if (waitedMs > CLOCK_PATIENCE_MS) throw new BoxRefused(unknown.id, 'its clock could not be compared');
    await delay(LOOK_MS);
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

function figuresOf(box: RemoteBox | undefined): BoxFigures | undefined {
  if (box === undefined) return undefined;
  const { received, duplicates, missing, garbage, clock, worstClockErrorMs, outbox } = box.account;
  return {
    ...{ received, duplicates, missing, garbage },
    ...(clock === undefined ? {} : { clockOffsetMs: clock.offsetMs }),
    ...(worstClockErrorMs === undefined ? {} : { clockErrorMs: worstClockErrorMs }),
    ...(clock?.driftMsPerS === undefined ? {} : { clockDriftMsPerHour: clock.driftMsPerS * HOUR_S }),
    ...(outbox === undefined ? {} : { unsaved: outbox.unsaved }),
  };
}
