import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { RunFlags } from '../../src/config/flags.js';
import { type RunConfig, resolveConfig } from '../../src/config.js';
import { REPORT_METRICS } from '../../src/report/run-curves.js';
import { conclude } from '../../src/run/conclude.js';
import { Intake } from '../../src/run/intake.js';
import { type AppendFile, RunFolder } from '../../src/run/run-folder.js';
import { createRunRecord, type RunRecord } from '../../src/run/run-record.js';
import { createPlan, type Plan } from '../../src/scenarios/plan.js';
import { RunSeries } from '../../src/stats/run-series.js';
import { SMALL_TARGET } from './small-platform.js';

export const HOUR_MS = 3_600_000;

/** The main thread's half of a run without a disk: what would stand there is counted and dropped. */
export class LongRun {
  readonly config: RunConfig;
  readonly plan: Plan;
  readonly record: RunRecord;
  readonly intake: Intake;
  /** Of ticks.ndjson so far. */
  tickBytes = 0;
  ticks = 0;
  /** Kept while `keepsEvents`: a run that goes well writes next to none. */
  readonly events: string[] = [];

  constructor(flags: RunFlags) {
    this.config = resolveConfig(flags, { cores: 2 });
    this.plan = createPlan(this.config.profile, this.config);
    this.record = createRunRecord({
      ...{ id: 'long', config: this.config, plan: this.plan, target: SMALL_TARGET, version: '0.0.0' },
      ...{ startEpochMs: 1_800_000_000_000, users: this.config.vus },
      before: { machine: { cores: 2, memoryBytes: 8e9 } },
    });
    const ticks: AppendFile = {
      appendFile: async (text) => {
        this.tickBytes += Buffer.byteLength(text);
        this.ticks += text.split('\n').length - 1;
      },
      close: async () => {},
    };
    const events: AppendFile = {
      appendFile: async (text) => void this.events.push(text),
      close: async () => {},
    };
    const folder = new RunFolder('runs/long', ticks, events, (failure) => {
      throw new Error(failure);
    });
    const series = new RunSeries(this.plan.totalMs, REPORT_METRICS);
    this.intake = new Intake(folder, (text) => text, { series });
  }

  conclude() {
    return conclude(this.record, this.intake.totals, this.intake.ending.ending(), this.intake.moments);
  }
}

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

/** What is reachable: the heap and the bytes of arrays after a full collection. */
export function heldBytes(): number {
  collect();
  collect();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}
