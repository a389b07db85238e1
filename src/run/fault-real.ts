import { makeChange, undoChange } from '../faults/carry-out.js';
import { type Change, changeWords } from '../faults/change.js';
import type { Journal, JournalEntry } from '../faults/journal.js';
import { type FaultWorld, prepareChange } from '../faults/prepare.js';
import type { RealAction } from '../scenarios/real-fault.js';
import type { FaultDoer } from './fault-runner.js';
import type { Undo } from './fault-undo.js';

/** What a run changes this machine with. */
export interface RealMeans {
  readonly world: FaultWorld;
  readonly journal: Journal;
}

export const NOT_ALLOWED = 'it changes this machine itself: that needs --allow-network-faults';

/** The supervisor undoes a fault by itself that was not mended so long after its time. */
const DEAD_MAN_MS = 5000;

export interface RealFault extends RealMeans {
  readonly name: string;
  readonly action: RealAction;
  readonly forMs: number;
  readonly supervisor: {
    arm(name: string, undo: Undo, withinMs?: number): Promise<void>;
    disarm(name: string): void;
  };
  /** Absent = on this machine. */
  readonly hands?: {
    prepare(action: RealAction, world: FaultWorld): Promise<Change>;
    make(change: Change): Promise<void>;
    undo: typeof undoChange;
  };
}

const HANDS = { prepare: prepareChange, make: makeChange, undo: undoChange } as const;

/**
 * A fault of this machine: looked at, written down, given to the supervisor, and only then made. One that somebody
 * else took away before its time was not the fault that was asked for, and says so.
 */
export function realFaultDoer(fault: RealFault): FaultDoer {
  const { name, action, forMs, world, journal, supervisor, hands = HANDS } = fault;
  let begun: { readonly change: Change; readonly entry: JournalEntry } | undefined;
  let made = false;
  return {
    async begin() {
      const change = await hands.prepare(action, world);
      const entry = await journal.add(name, change);
      begun = { change, entry };
      await supervisor.arm(name, { kind: 'change', change, entry }, forMs + DEAD_MAN_MS);
      await hands.make(change);
      made = true;
      return changeWords(change);
    },
    async end() {
      if (begun === undefined) return undefined;
      const { change, entry } = begun;
      const { state, detail } = await hands.undo(change);
      if (state === 'failed') throw new Error(`${changeWords(change)}: ${detail}`);
      supervisor.disarm(name);
      await journal.undone(entry, 'run');
      if (state === 'gone' && made && !endsByItself(change))
        throw new Error(`${changeWords(change)}: somebody else took it away before its time`);
      return detail;
    },
  };
}

/** What was killed may be started again by whoever looks after it: that is what is to be seen. */
function endsByItself({ kind }: Change): boolean {
  return kind === 'process-killed' || kind === 'container-killed';
}
