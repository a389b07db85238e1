import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { EndingLog } from './lifecycle.js';
import { endingFromEvents } from './lifecycle.js';
import { RUN_FILES } from './run-folder.js';

/**
 * What the supervisor of a run's faults wrote down when the run was over, added to what the run knows: the same as
 * somebody reads who judges the folder. A folder that cannot be read has nothing to add.
 */
export async function addUndone(folder: string, log: Pick<EndingLog, 'ending' | 'add'>): Promise<void> {
  const open = (log.ending().faults ?? []).filter(({ endedAtMs }) => endedAtMs === undefined);
  if (open.length === 0) return;
  const text = await readFile(join(folder, RUN_FILES.events), 'utf8').catch(() => '');
  for (const { name, undone, endedAtMs } of endingFromEvents(text).faults ?? []) {
    if (undone === undefined || !open.some((fault) => fault.name === name)) continue;
    log.add({ kind: 'fault_undone', atMs: endedAtMs ?? 0, name, ok: undone });
  }
}
