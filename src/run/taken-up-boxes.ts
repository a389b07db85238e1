import { setTimeout as delay } from 'node:timers/promises';
import { headBeatSchema, readWire } from '../cluster/agent-messages.js';
import { BEAT_EVERY_MS, BEAT_TTL_MS } from '../cluster/box-life.js';
import type { Link } from '../cluster/link.js';
import type { BoxFacts } from '../cluster/protocol.js';
import type { RemoteBox } from '../cluster/remote-box.js';
import { DATA_KEPT_MS, findAgents, RemoteFleet } from '../cluster/remote-fleet.js';
import { seal } from '../cluster/seal.js';
import { BEATS_BUCKET, headKey } from '../cluster/wire-names.js';
import type { BoxesSetting } from '../config/boxes.js';
import type { Clock } from '../seams.js';
import { createClock } from '../seams-node.js';
import type { Fleet } from './fleet.js';
import { openBroker } from './open-broker.js';
import type { Progress } from './progress.js';
import { figuresOf, wireName } from './remote-boxes.js';
import { CannotResume } from './resumable.js';

export interface TakeUpBoxes {
  readonly setting: BoxesSetting;
  /** Name of the run on the wire. */
  readonly run: string;
  readonly progress: Progress;
  /** Boxes that were lost when the coordinator died. */
  readonly lost: ReadonlySet<string>;
  readonly version: string;
  say(line: string): void;
}

const ASK_MS = 1000;
/** A coordinator that lives gives a sign each second; one of a dead one may be on its way. */
const LISTEN_MS = 2 * BEAT_EVERY_MS + 500;

/**
 * The boxes of a run that goes already, as a new process of its coordinator has them.
 * @throws {PreflightError} without a broker
 * @throws {CannotResume} when another coordinator is there, or nobody serves the run and nothing is left to be read
 */
export async function takeUpBoxes(input: TakeUpBoxes): Promise<Fleet> {
  const { setting, say } = input;
  const broker = await openBroker(setting, say);
  try {
    const { link, place, died } = broker;
    const clock = createClock(performance.timeOrigin + performance.now());
    const fleet = await takeUpFleet({ ...input, link, clock, wait: (ms) => delay(ms) });
    const { hellos } = input.progress;
    return {
      facts: hellos.map(({ facts }) => facts as BoxFacts),
      remote: {
        ...{ run: input.run, place, died, tolerated: setting.tolerated, hellos },
        taken: () => fleet.taken(),
        figures: (id) => figuresOf(fleet.boxes.find((box) => box.id === id)),
        begin: () => fleet.listen(),
        stand: async () => {},
      },
      open: (handlers) => fleet.open(handlers),
      async close() {
        await fleet.close();
        await broker.close();
      },
    };
  } catch (error) {
    await broker.close();
    throw error;
  }
}

/** The wire of a run that goes already. */
export interface TakenUpFleet {
  readonly boxes: readonly RemoteBox[];
  taken(): RemoteFleet['state'];
  listen(): Promise<void>;
  open: Fleet['open'];
  close(): Promise<void>;
}

export type TakeUpFleet = Omit<TakeUpBoxes, 'setting'> & {
  readonly link: Link;
  readonly clock: Clock;
  wait(ms: number): Promise<void>;
};

/** @throws {CannotResume} {LinkError} */
export async function takeUpFleet(input: TakeUpFleet): Promise<TakenUpFleet> {
  const { link, clock, run, progress, version, lost, say } = input;
  await refuseAnother(input);
  const serving = (await findAgents(link, ASK_MS, undefined)).filter((hello) => hello.run === run);
  const ageMs = clock.epochMs() - progress.savedEpochMs;
  if (serving.length === 0 && ageMs > DATA_KEPT_MS)
    throw new CannotResume(
      `no box serves it any more, and what they said is kept for ${DATA_KEPT_MS / 60_000} minutes`,
    );
  const names = serving.map(({ facts }) => facts.id).join(', ');
  say(`boxes: ${serving.length} of ${progress.hellos.length} serve this run${names && ` (${names})`}`);
  let handlers: Parameters<Fleet['open']>[0] | undefined;
  const before = {
    position: progress.position,
    boxes: Object.fromEntries(
      Object.entries(progress.boxes).map(([id, box]) => [id, { ...box, isLost: lost.has(id) }]),
    ),
  };
  const fleet = await RemoteFleet.open({
    ...{ link, clock, run, head: wireName(), version, seal, say, before },
    handlers: {
      onMessage: (...of) => handlers?.onMessage(...of),
      onDied: (...of) => handlers?.onDied(...of),
      onState: (...of) => handlers?.onState(...of),
    },
  });
  let boxes: readonly RemoteBox[] = [];
  return {
    get boxes() {
      return boxes;
    },
    taken: () => fleet.state,
    listen: () => fleet.listen(),
    // Not earlier: what a box says of itself before somebody hears it is never said again.
    open(theirs) {
      handlers = theirs;
      boxes = progress.hellos.map(({ run: _before, ...hello }) => fleet.box(hello));
      return boxes;
    },
    close: () => fleet.close(true),
  };
}

/** Two coordinators of one run would write one folder. */
async function refuseAnother({ link, run, wait }: TakeUpFleet): Promise<void> {
  const beats = await link.openBeats(BEATS_BUCKET, BEAT_TTL_MS);
  let heard = 0;
  const watch = await beats.watch((key, value) => {
    if (key !== headKey(run)) return;
    try {
      if (readWire(headBeatSchema, value, 'a beat').run === run) heard += 1;
    } catch {
      // Garbage is nobody.
    }
  });
  await wait(LISTEN_MS);
  watch.close();
  if (heard > 0) throw new CannotResume('its coordinator is alive');
}
