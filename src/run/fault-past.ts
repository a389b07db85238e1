import type { FaultNews, PlannedFault } from '../scenarios/fault-plan.js';
import { ANNOUNCED_MS } from './fault-runner.js';
import type { Intake } from './intake.js';

/**
 * Names of the faults whose time came before a run was taken up again. One that nobody made is told of as not made; of
 * each that was not mended in order the viewers hear that it does not count: its supervisor mended it when the
 * coordinator died, and nobody told them when.
 */
export function pastFaults(
  faults: readonly PlannedFault[],
  {
    intake,
    tell,
    nowMs,
  }: {
    readonly intake: Pick<Intake, 'note' | 'ending'>;
    tell(news: FaultNews): void;
    readonly nowMs: number;
  },
): ReadonlySet<string> {
  const past = new Set<string>();
  const made = intake.ending.ending().faults ?? [];
  for (const [index, { step, fromMs }] of faults.entries()) {
    const { name, breaks } = step;
    const known = made.find((fault) => fault.name === name);
    if (known === undefined && fromMs - ANNOUNCED_MS > nowMs) continue;
    past.add(name);
    const reason = 'no coordinator was there when its time came';
    if (known === undefined)
      intake.note({ kind: 'fault_failed', atMs: Math.round(nowMs), name, breaks, at: 'begin', reason });
    const isMended = known?.endedAtMs !== undefined && known.undone === undefined;
    if (!isMended) tell({ what: 'called_off', index });
  }
  return past;
}
