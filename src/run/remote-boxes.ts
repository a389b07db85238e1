import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import type { BoxHandlers } from '../cluster/box.js';
import { BEAT_TTL_MS } from '../cluster/box-life.js';
import type { RemoteBox } from '../cluster/remote-box.js';
import { RemoteFleet } from '../cluster/remote-fleet.js';
import { seal } from '../cluster/seal.js';
import { BEATS_BUCKET } from '../cluster/wire-names.js';
import type { BoxesSetting } from '../config/boxes.js';
import type { RunConfig } from '../config.js';
import { createClock } from '../seams-node.js';
import type { Target } from '../target.js';
import { clocksKnown } from './clocks-known.js';
import { findBoxes } from './find-boxes.js';
import type { BoxFigures, Fleet, RemoteSide } from './fleet.js';
import { openBroker } from './open-broker.js';

export interface RemoteBoxesInput {
  readonly setting: BoxesSetting;
  readonly config: Pick<RunConfig, 'target'>;
  readonly target: Target;
  readonly version: string;
  say(line: string): void;
  /** Another process has taken the run up. */
  onSuperseded(): void;
}

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
    // A broker without streams is told of as one, not as boxes that do not come.
    await link.openBeats(BEATS_BUCKET, BEAT_TTL_MS);
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
      onSuperseded: () => input.onSuperseded(),
      handlers: {
        onMessage: (...of) => handlers?.onMessage(...of),
        onDied: (...of) => handlers?.onDied(...of),
        onState: (...of) => handlers?.onState(...of),
      },
    });
    const boxes: RemoteBox[] = hellos.map((hello) => fleet.box(hello));
    const remote: RemoteSide = {
      ...{ run, place, died, tolerated: setting.tolerated, hellos },
      taken: () => fleet.state,
      figures: (id) => figuresOf(boxes.find((box) => box.id === id)),
      begin: () => fleet.listen(),
      stand: () => clocksKnown(boxes, delay),
    };
    return {
      facts: boxes.map(({ facts }) => facts),
      remote,
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

/**
 * Sorts by time, to the millisecond, and no two are alike.
 * @param after a name that it sorts behind, also when the clock was set back since that one was made
 */
export function wireName(after = ''): string {
  const utc = new Date().toISOString().replace(/[-:.]/g, '');
  const name = `${utc}-${randomBytes(3).toString('hex')}`;
  return name > after ? name : `${after}0`;
}

export function figuresOf(box: RemoteBox | undefined): BoxFigures | undefined {
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
