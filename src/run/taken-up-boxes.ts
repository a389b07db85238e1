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
  /** A later process has taken the run up in turn. */
  onSuperseded?(): void;
}

/** Another one that begins now gives its first two signs meanwhile. */
const ASK_MS = BEAT_EVERY_MS + 500;
/** A coordinator that lives gives a sign each second. */
const LISTEN_MS = 2 * BEAT_EVERY_MS + 500;
/** What a dead one had on its way arrives at once: who gives signs so far apart is alive. */
const APART_MS = BEAT_EVERY_MS / 2;
const MOST_OTHERS = 100;

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
  /** Of this process; absent = made of its time and chance, behind that of the process before. */
  readonly head?: string;
  readonly link: Link;
  readonly clock: Clock;
  wait(ms: number): Promise<void>;
};

/** @throws {CannotResume} {LinkError} */
export async function takeUpFleet(input: TakeUpFleet): Promise<TakenUpFleet> {
  const { link, clock, run, progress, version, lost, say } = input;
  const others = await listenForOthers(input);
  let handlers: Parameters<Fleet['open']>[0] | undefined;
  let fleet: RemoteFleet | undefined;
  try {
    await input.wait(LISTEN_MS);
    others.check();
    const head = input.head ?? wireName(progress.head);
    const before = {
      position: progress.position,
      boxes: Object.fromEntries(
        Object.entries(progress.boxes).map(([id, box]) => [id, { ...box, isLost: lost.has(id) }]),
      ),
    };
    // From here on it gives signs itself, for others that begin now.
    fleet = await RemoteFleet.open({
      ...{ link, clock, run, head, version, seal, say, before },
      onSuperseded: () => input.onSuperseded?.(),
      handlers: {
        onMessage: (...of) => handlers?.onMessage(...of),
        onDied: (...of) => handlers?.onDied(...of),
        onState: (...of) => handlers?.onState(...of),
      },
    });
    const serving = (await findAgents(link, ASK_MS, undefined)).filter((hello) => hello.run === run);
    others.check(head);
    fleet.took();
    const ageMs = clock.epochMs() - progress.savedEpochMs;
    if (serving.length === 0 && ageMs > DATA_KEPT_MS) throw new NobodyServes();
    const names = serving.map(({ facts }) => facts.id).join(', ');
    say(`boxes: ${serving.length} of ${progress.hellos.length} serve this run${names && ` (${names})`}`);
  } catch (error) {
    // Another one reads the streams; what nobody serves leaves none behind.
    await fleet?.close(error instanceof NobodyServes);
    throw error;
  } finally {
    others.close();
  }
  const taken = fleet;
  let boxes: readonly RemoteBox[] = [];
  return {
    get boxes() {
      return boxes;
    },
    taken: () => taken.state,
    listen: () => taken.listen(),
    // Not earlier: what a box says of itself before somebody hears it is never said again.
    open(theirs) {
      handlers = theirs;
      boxes = progress.hellos.map(({ run: _before, ...hello }) => taken.box(hello));
      return boxes;
    },
    close: () => taken.close(true),
  };
}

class NobodyServes extends CannotResume {
  constructor() {
    super(`no box serves it any more, and what they said is kept for ${DATA_KEPT_MS / 60_000} minutes`);
  }
}

interface Others {
  /**
   * `own`: this process gives signs by this name, and whoever came later gives way to it.
   * @throws {CannotResume} when another coordinator of the run is there: two of them would write one folder
   */
  check(own?: string): void;
  close(): void;
}

async function listenForOthers({ link, run, clock }: TakeUpFleet): Promise<Others> {
  const beats = await link.openBeats(BEATS_BUCKET, BEAT_TTL_MS);
  const heard = new Map<string, { readonly fromMs: number; untilMs: number }>();
  const watch = await beats.watch((key, value) => {
    if (key !== headKey(run)) return;
    try {
      const { run: of, head } = readWire(headBeatSchema, value, 'a beat');
      if (of !== run) return;
      const nowMs = clock.nowMs();
      const sign = heard.get(head);
      if (sign !== undefined) sign.untilMs = nowMs;
      else if (heard.size < MOST_OTHERS) heard.set(head, { fromMs: nowMs, untilMs: nowMs });
    } catch {
      // Garbage is nobody.
    }
  });
  return {
    check(own) {
      const alive = [...heard].filter(([, { fromMs, untilMs }]) => untilMs - fromMs >= APART_MS);
      if (own === undefined && alive.length > 0) throw new CannotResume('its coordinator is alive');
      if (alive.some(([head]) => own !== undefined && head < own))
        throw new CannotResume('another process takes it up at this moment');
    },
    close: () => watch.close(),
  };
}
