import { seeChange, type Undone, undoChange } from './carry-out.js';
import { type Change, endsWithBoot, isOfNetwork } from './change.js';
import { type FoundJournal, findJournals, noteUndone } from './journal.js';
import type { JournalRun, OpenChange } from './journal-lines.js';
import { type MachineState, readMachineState } from './machine-state.js';
import { sameProcess } from './processes.js';

/**
 * Where an open change stands:
 *
 * | state | what it is |
 * |---|---|
 * | there | it is there, and its run is gone |
 * | gone | it is not there any more |
 * | running | its run still goes, and will undo it |
 * | elsewhere | it was made in another network namespace, and can be seen and undone only there |
 * | unseen | it cannot be seen, and why |
 * | undone | it was there, and was undone now |
 * | failed | it could not be undone, and why |
 */
export type ChangeState = 'there' | 'gone' | 'running' | 'elsewhere' | 'unseen' | 'undone' | 'failed';

export interface ReportedChange extends OpenChange {
  readonly run: string;
  readonly state: ChangeState;
  readonly detail: string;
}

/** What became of a folder of journals. */
export interface JournalReport {
  readonly changes: readonly ReportedChange[];
  /** Files that were not read, each with the reason; and those with lines that say nothing. */
  readonly problems: readonly string[];
}

export interface UndoWish {
  /** Undo what is open; else only look. */
  readonly undo: boolean;
  /** Also that of runs that still go. */
  readonly running: boolean;
}

/** Goes through all journals of a folder, the last change of each run first. */
export async function goThroughJournals(folder: string, wish: UndoWish): Promise<JournalReport> {
  const changes: ReportedChange[] = [];
  const problems: string[] = [];
  const now = readMachineState();
  for (const found of await findJournals(folder)) {
    if ('problem' in found) {
      problems.push(`${found.path} was not read: ${found.problem}`);
      continue;
    }
    const { run, open, badLines } = found.story;
    if (badLines > 0)
      problems.push(`${found.path}: ${badLines} ${badLines === 1 ? 'line says' : 'lines say'} nothing`);
    if (run === undefined && open.length > 0)
      problems.push(`${found.path} does not say whose changes it has: they are left alone`);
    if (run === undefined) continue;
    for (const one of open) changes.push(await report(one, run, found, { now, wish }));
  }
  return { changes, problems };
}

async function report(
  one: OpenChange,
  run: JournalRun,
  { path }: Pick<FoundJournal, 'path'>,
  { now, wish }: { readonly now: MachineState; readonly wish: UndoWish },
): Promise<ReportedChange> {
  const told = (state: ChangeState, detail: string): ReportedChange => ({
    ...one,
    run: run.run,
    state,
    detail,
  });
  const entry = { path, id: one.id };
  const place = placeOf(one.change, run, now);
  if (place === 'boot') {
    if (wish.undo) await noteUndone(entry, 'command');
    return told('gone', 'the machine was started anew since');
  }
  const lives = run.boot === now.boot && (await sameProcess(run)) !== undefined;
  if (lives && !(wish.undo && wish.running))
    return told('running', `its run still goes (process ${run.pid})`);
  if (place === 'elsewhere')
    return told('elsewhere', `made in network namespace ${run.netns}: call it in there`);
  if (!wish.undo) {
    const sight = await seeChange(one.change);
    return typeof sight === 'object' ? told('unseen', sight.unseen) : told(sight, '');
  }
  const { state, detail }: Undone = await undoChange(one.change);
  if (state !== 'failed') await noteUndone(entry, 'command');
  return told(state, detail);
}

/** Where a change can be seen: `here`, in another namespace, or nowhere since the machine was started anew. */
export function placeOf(
  change: Change,
  run: Pick<JournalRun, 'boot' | 'netns'>,
  now: MachineState,
): 'here' | 'elsewhere' | 'boot' {
  if (run.boot !== '' && now.boot !== '' && run.boot !== now.boot)
    return endsWithBoot(change) ? 'boot' : 'here';
  if (isOfNetwork(change) && run.netns !== now.netns) return 'elsewhere';
  return 'here';
}
