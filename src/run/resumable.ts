import { access } from 'node:fs/promises';
import { join } from 'node:path';
import type { RunConfig } from '../config.js';
import type { Plan } from '../scenarios/plan.js';
import { eventsOf } from './event-lines.js';
import { EndingLog } from './lifecycle.js';
import { type Progress, readProgress } from './progress.js';
import { RUN_FILES } from './run-folder.js';
import { plannedOf, type RunRecord } from './run-record.js';

/** Why a run is not taken up again, as the end of `it cannot be taken up again: `. What its folder holds can be judged. */
export class CannotResume extends Error {
  readonly code = 'cannot_resume';
  constructor(reason: string) {
    super(reason);
    this.name = 'CannotResume';
  }
}

/** What is left of a run that can be taken up. */
export interface Left {
  readonly progress: Progress;
  /** Name of the run on the wire. */
  readonly run: string;
  /** Boxes that were lost and not back. */
  readonly lost: ReadonlySet<string>;
}

/**
 * Whether the folder is that of a run whose coordinator was killed, and whose boxes may be going still.
 * @throws {CannotResume} with words why not
 */
export async function findLeft(folder: string, record: RunRecord, version: string): Promise<Left> {
  const { fleet, embeddedStage, escalation } = record;
  if (fleet === undefined) throw new CannotResume('it was no run over load boxes: its viewers died with it');
  if (embeddedStage) throw new CannotResume("its platform was the run's own stage, which died with it");
  if (record.settings.some(({ key, value }) => key === 'embed-nats' && value !== undefined))
    throw new CannotResume("its broker was the run's own, which died with it (--nats names one that stays)");
  if (record.version !== version)
    throw new CannotResume(`it was begun by dorami-load ${record.version}, this is ${version}`);
  if (escalation !== undefined)
    throw new CannotResume('it looks for the breaking point, and how far it was in a level is not known');
  if (await exists(join(folder, RUN_FILES.summary))) throw new CannotResume('it is over');
  const log = new EndingLog();
  let changes = 0;
  for await (const event of eventsOf(folder)) {
    log.addLine(event);
    if (event?.kind === 'plan_changed') changes += 1;
  }
  const { completed, boxes = [] } = log.ending();
  if (completed) throw new CannotResume('it is over');
  if (changes > 0)
    throw new CannotResume('its plan was changed while it went (ctl), and boxes follow the new one');
  let progress: Progress;
  try {
    progress = await readProgress(folder);
  } catch (error) {
    throw new CannotResume(error instanceof Error ? error.message : String(error));
  }
  const lost = new Set(boxes.filter(({ isGone }) => isGone).map(({ box }) => box));
  return { progress, run: fleet.run, lost };
}

/**
 * Whether what is given now makes the plan that the run was begun with.
 * @throws {CannotResume} with what differs
 */
export function checkSamePlan(record: RunRecord, config: RunConfig, plan: Plan, users: number): void {
  const now: Readonly<Record<string, unknown>> = {
    profile: config.profile.name,
    seed: config.seed,
    plannedMs: plan.totalMs,
    phases: plan.phases,
    planned: plannedOf(config, plan, users),
    rows: config.profile.judges,
    mix: config.mix,
    behaviour: config.behaviour,
  };
  const then = record as unknown as Readonly<Record<string, unknown>>;
  const differing = Object.keys(now).filter((key) => textOf(now[key]) !== textOf(then[key]));
  if (differing.length > 0)
    throw new CannotResume(
      `what is given now makes another plan than ${RUN_FILES.run} has (${differing.join(', ')}): a profile or users file was changed`,
    );
}

/** As JSON has it, keys in order. */
function textOf(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
