import { join } from 'node:path';
import type { RunConfig } from '../config.js';
import { createRedact } from '../redact.js';
import type { Clock } from '../seams.js';
import { createClock } from '../seams-node.js';
import { gaugeNow, type Totals } from '../stats/merge.js';
import { startCollector } from './collector-process.js';
import type { Intake } from './intake.js';
import { COLLECTOR, type OnSystemLine, RunCollector } from './run-collector.js';
import { RUN_FILES } from './run-folder.js';

/** What of a run is told to its collector, and tells. */
type RunSide = Pick<Intake, 'note' | 'remark' | 'totals' | 'own'>;

/** The collector of one run, with a voice in the run's events. */
export interface PlatformWatch {
  /** Run time has a beginning. */
  begin(startEpochMs: number): void;
  /** From now on gaps stand in the run's events, too. */
  attach(intake: RunSide, clock: Pick<Clock, 'nowMs'>): void;
  /** Takes the last line; never longer than a moment. */
  stop(): Promise<void>;
  kill(): void;
}

/** Starts to collect into the folder of a run; undefined when nothing is to be collected. */
export function openPlatformWatch(
  { collect, allowTargets, insecure }: Pick<RunConfig, 'collect' | 'allowTargets' | 'insecure'>,
  streamKey: string,
  folder: string,
  say: (text: string) => void,
  listeners: readonly OnSystemLine[],
): PlatformWatch | undefined {
  if (collect === undefined) return undefined;
  const { intervalMs, secrets } = collect;
  // Our own box stands on the axis of a run, unless it is said not to.
  const config = { generator: true, ...collect.config };
  const redact = createRedact([streamKey, ...secrets.map((secret) => secret.reveal())]);
  const clock = createClock(performance.timeOrigin + performance.now());
  let attached: { intake: RunSide; clock: Pick<Clock, 'nowMs'> } | undefined;
  /** Sources that were silent before run time had a beginning. */
  const silent = new Map<string, string>();
  const path = join(folder, RUN_FILES.system);
  const collector = new RunCollector({
    ...{ path, intervalMs, redact, listeners },
    start: (onMessage) =>
      startCollector({ config, intervalMs, allowTargets, insecure, streamKey }, onMessage),
    ownViewers: () => attached && ownViewers(attached.intake.totals),
    ...(config.generator ? { ownFigures: () => attached?.intake.own.take() } : {}),
    epochMs: () => clock.epochMs(),
    after: (ms, fn) => clock.after(ms, fn),
    onTurn(source, gap) {
      const words = redact(gap === undefined ? `${source}: back` : `${source}: gap: ${gap}`);
      say(`platform: ${words}`);
      if (attached === undefined) {
        if (gap === undefined) silent.delete(source);
        else silent.set(source, words);
        return;
      }
      const atMs = Math.round(attached.clock.nowMs());
      if (source === COLLECTOR && gap !== undefined) {
        attached.intake.note({ kind: 'collector_died', atMs, reason: gap });
      } else attached.intake.remark(gap === undefined ? 'source_back' : 'source_gap', atMs, words);
    },
  });
  collector.start();
  return {
    begin: (startEpochMs) => collector.begin(startEpochMs),
    attach(intake, runClock) {
      attached = { intake, clock: runClock };
      for (const words of silent.values()) intake.remark('source_gap', 0, words);
      silent.clear();
    },
    async stop() {
      const { lostLines, lostWhy = '' } = await collector.stop();
      if (lostLines === 0) return;
      const reason = `${lostLines} lines of ${path} could not be written: ${lostWhy}`;
      say(`platform: ${reason}`);
      const atMs = Math.round(attached?.clock.nowMs() ?? 0);
      attached?.intake.note({ kind: 'system_lines_lost', atMs, reason });
    },
    kill: () => collector.kill(),
  };
}

/** As its workers said within the last second. */
function ownViewers(totals: Totals): { readonly joined: number; readonly watching: number } {
  const of = (gauge: 'vus_joined_count' | 'vus_watching_count'): number => gaugeNow(totals, gauge) ?? 0;
  return { joined: of('vus_joined_count'), watching: of('vus_watching_count') };
}
