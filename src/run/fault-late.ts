import { eventsOf } from './event-lines.js';
import type { FaultRecord } from './fault-history.js';
import { EndingLog } from './lifecycle.js';

/**
 * What the supervisor of a run's faults wrote down when the run was over, added to what the run knows: the same as
 * somebody reads who judges the folder. A folder that cannot be read has nothing to add.
 */
export async function addUndone(folder: string, log: Pick<EndingLog, 'ending' | 'add'>): Promise<void> {
  const open = (log.ending().faults ?? []).filter(({ endedAtMs }) => endedAtMs === undefined);
  if (open.length === 0) return;
  for (const { name, undone, endedAtMs } of await faultsOnDisk(folder)) {
    if (undone === undefined || !open.some((fault) => fault.name === name)) continue;
    log.add({ kind: 'fault_undone', atMs: endedAtMs ?? 0, name, ok: undone });
  }
}

async function faultsOnDisk(folder: string): Promise<readonly FaultRecord[]> {
  const log = new EndingLog();
  try {
    for await (const event of eventsOf(folder)) log.addLine(event);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === undefined) throw error;
  }
  return log.ending().faults ?? [];
}
