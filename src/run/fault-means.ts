import { basename, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { hostOf } from '../config/values.js';
import type { RunConfig } from '../config.js';
import { createJournal, defaultJournalFolder } from '../faults/journal.js';
import type { FaultWorld } from '../faults/prepare.js';
import { createAllowList } from '../net/allow-list.js';
import { createHttpFactory } from '../net/http-node.js';
import type { FaultStep } from '../scenarios/fault-step.js';
import { createClock } from '../seams-node.js';
import { type ControlClient, createControlClient } from './fault-control.js';
import { faultDoer } from './fault-doers.js';
import type { RealMeans } from './fault-real.js';
import type { FaultDoer } from './fault-runner.js';
import { createFaultSupervisor } from './fault-supervisor.js';
import { RUN_FILES } from './run-folder.js';

/** What one run makes its faults with. */
export interface RunFaultMeans {
  doerOf(step: FaultStep): FaultDoer;
  /** What is still broken is mended by the supervisor; resolves when nothing of it is left running. */
  close(): Promise<void>;
}

/** The part of a run's configuration that its faults go by. */
export type FaultConfig = Pick<
  RunConfig,
  'controls' | 'allowTargets' | 'insecure' | 'target' | 'allowNetworkFaults' | 'journal'
>;

/** What the faults of a run must know of it. */
export function faultWorld({ target }: Pick<RunConfig, 'target'>): FaultWorld {
  if (target.kind === 'stage') return { targetHosts: [] };
  const { apiUrl, socketUrl, flvUrl, hlsUrl } = target.target;
  const hosts = [apiUrl, socketUrl, flvUrl, hlsUrl].map((url) => hostOf(url).replace(/^\[|\]$/g, ''));
  return { targetHosts: [...new Set(hosts)] };
}

function realMeans(config: FaultConfig, run: string): { readonly real?: RealMeans } {
  if (!config.allowNetworkFaults) return {};
  const journal = createJournal(config.journal ?? defaultJournalFolder(), run);
  return { real: { world: faultWorld(config), journal } };
}

/**
 * Opens nothing until the first fault.
 * @param ownStageUrl control API of the run's own stage; absent = there is none
 */
export function openFaultMeans(
  config: FaultConfig,
  ownStageUrl: string | undefined,
  folder: string,
  startEpochMs: number,
): RunFaultMeans {
  const { controls, allowTargets, insecure } = config;
  const supervisor = createFaultSupervisor(join(folder, RUN_FILES.events), startEpochMs);
  const http = createHttpFactory({
    clock: createClock(startEpochMs),
    allowList: createAllowList(allowTargets),
    insecure,
  }).forViewer();
  const client = (url: string, whose: string): ControlClient => createControlClient(http, url, whose);
  const stageUrl = controls.stageUrl ?? ownStageUrl;
  const { publisherUrl } = controls;
  const means = {
    ...(stageUrl === undefined ? {} : { stage: client(stageUrl, 'the stage') }),
    ...(publisherUrl === undefined ? {} : { publisher: client(publisherUrl, 'the publisher') }),
    ...realMeans(config, basename(folder)),
    supervisor,
    sleep: (ms: number): Promise<void> => sleep(ms),
  };
  return {
    doerOf: (step) => faultDoer(step, means),
    async close() {
      http.close();
      await supervisor.close();
    },
  };
}
