import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { RunConfig } from '../config.js';
import { createAllowList } from '../net/allow-list.js';
import { createHttpFactory } from '../net/http-node.js';
import type { FaultStep } from '../scenarios/fault-step.js';
import { createClock } from '../seams-node.js';
import { type ControlClient, createControlClient } from './fault-control.js';
import { faultDoer } from './fault-doers.js';
import type { FaultDoer } from './fault-runner.js';
import { createFaultSupervisor } from './fault-supervisor.js';
import { RUN_FILES } from './run-folder.js';

/** What one run makes its faults with. */
export interface RunFaultMeans {
  doerOf(step: FaultStep): FaultDoer;
  /** What is still broken is mended by the supervisor; resolves when nothing of it is left running. */
  close(): Promise<void>;
}

/**
 * Opens nothing until the first fault.
 * @param ownStageUrl control API of the run's own stage; absent = there is none
 */
export function openFaultMeans(
  { controls, allowTargets, insecure }: Pick<RunConfig, 'controls' | 'allowTargets' | 'insecure'>,
  ownStageUrl: string | undefined,
  folder: string,
  startEpochMs: number,
): RunFaultMeans {
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
