import type { Hello } from '../cluster/agent-messages.js';
import type { Box, BoxHandlers } from '../cluster/box.js';
import type { BoxFacts } from '../cluster/protocol.js';
import type { TakenIn } from '../cluster/remote-fleet.js';
import type { RunConfig } from '../config.js';
import { localBox, localFacts } from './local-box.js';

/** What came of one box, as far as its end of the wire and ours know it. */
export interface BoxFigures {
  /** Records that came, each once. */
  readonly received: number;
  /** Came once more, and counted once. */
  readonly duplicates: number;
  /** Missing for good, by number. */
  readonly missing: number;
  /** Messages in its name that were none. */
  readonly garbage: number;
  /** To be added to its clock to read the coordinator's, ms; absent = never compared. */
  readonly clockOffsetMs?: number;
  /** Greatest error of its clock in the run, ms. */
  readonly clockErrorMs?: number;
  /** How fast the two clocks part, ms per hour; absent = compared over too short a time to say. */
  readonly clockDriftMsPerHour?: number;
  /** Records that it could not keep on its disk. */
  readonly unsaved?: number;
}

/** The load boxes of one run: found before it, opened for it, closed after it. */
export interface Fleet {
  /** In the order in which viewers are dealt. */
  readonly facts: readonly BoxFacts[];
  /** Absent = the run goes on this machine alone, and nobody names its box. */
  readonly remote?: RemoteSide;
  /** This end of each box; called once. */
  open(handlers: BoxHandlers): readonly Box[];
  /** The run is over, or will not be; its streams go with it. */
  close(): Promise<void>;
}

/** What only boxes behind a wire have. */
export interface RemoteSide {
  /** Name of the run on the wire. */
  readonly run: string;
  /** Where they are met, without secrets. */
  readonly place: string;
  /** Boxes that may be lost before the run is ended. */
  readonly tolerated: number;
  figures(box: string): BoxFigures | undefined;
  /** What the boxes said when they were found, in the order in which viewers are dealt. */
  readonly hellos: readonly Hello[];
  /** How far what they say was taken in, for a later process of the coordinator. */
  taken(): TakenIn;
  /** What boxes say is heard from now on; called before they get their work. */
  begin(): Promise<void>;
  /**
   * All stand ready: may they go?
   * @throws {BoxRefused} when one of them should not
   */
  stand(): Promise<void>;
  /** Resolves with words when the run's own broker has gone by itself. */
  readonly died: Promise<string>;
}

/** The one box of a run on this machine. */
export function localFleet(
  config: Pick<RunConfig, 'workers' | 'allowTargets' | 'localIps'>,
  version: string,
): Fleet {
  const facts = localFacts(config, version);
  return {
    facts: [facts],
    open: (handlers) => [localBox(facts, config, handlers)],
    close: async () => {},
  };
}
