import type { RunConfig } from '../config.js';
import type { LiveDashboard } from './live-dashboard.js';
import { createLiveMeters, type LiveMeters } from './live-meters.js';
import type { Wheel } from './live-run.js';
import type { Output } from './output.js';
import { openPlatformWatch } from './platform-watch.js';
import { createProgressView, type ProgressView } from './progress-view.js';
import { openRunAlerts } from './run-alerts.js';
import type { OnSystemLine } from './run-collector.js';
import type { RunRecord } from './run-record.js';
import { openTraces } from './run-traces.js';
import type { TraceFolder } from './trace-folder.js';

export interface OnlookersInput {
  readonly config: RunConfig;
  /** Of the run. */
  readonly folder: string;
  readonly streamKey: string;
  readonly output: Output;
  say(text: string): void;
  /** Opened before the run; absent = nobody asked for one. */
  readonly dashboard: LiveDashboard | undefined;
  /** Takes each batch of lines of the viewers that are followed, in place of progress and verdict. */
  readonly story: ((lines: readonly string[]) => void) | undefined;
}

/** Everyone who looks at a run while it goes and changes nothing of it: terminal, dashboard, meters, alerts, traces. */
export interface Onlookers {
  readonly view: ProgressView;
  /** What the platform's meters say; absent = nobody asks them. */
  readonly meters: LiveMeters | undefined;
  /** Lines of the viewers that are followed; absent = nobody is. */
  readonly traces: TraceFolder | undefined;
  /** Run time has a beginning. */
  begin(startEpochMs: number): void;
  /** The run goes, and this is what `run.json` says of it. */
  steer(wheel: Wheel, record: RunRecord): void;
  /** All are leaving, and why. */
  leaving(why: string): void;
  /** The platform's meters are asked no more, and what they and the alerts said is on the disk. */
  finish(): Promise<void>;
  /** There will be no run to look at. */
  kill(): void;
}

/** Opens all that the configuration asks for. */
export async function openOnlookers(input: OnlookersInput): Promise<Onlookers> {
  const { config, folder, streamKey, output, say, dashboard, story } = input;
  const quiet = config.quiet || story !== undefined;
  const alerts = await openRunAlerts(config, folder, say, (entry) => dashboard?.takeAlert(entry));
  const openAlerts = alerts && (() => alerts.open());
  const view = createProgressView({ config: { ...config, quiet }, folder, output, openAlerts });
  const meters = createLiveMeters(config);
  const listeners: OnSystemLine[] = [
    ...(dashboard === undefined ? [] : [dashboard.takeLine]),
    ...(alerts === undefined ? [] : [alerts.take]),
    ...(meters === undefined ? [] : ([(line) => meters.take({ ...line })] satisfies OnSystemLine[])),
  ];
  const watch = openPlatformWatch(config, streamKey, folder, say, listeners);
  const traces = openTraces(config, folder, story && ((_vu, lines) => story(lines)));
  return {
    ...{ view, meters, traces },
    begin(startEpochMs) {
      traces?.begin(startEpochMs);
      watch?.begin(startEpochMs);
    },
    steer(wheel, record) {
      view.begin(record);
      watch?.attach(wheel.intake, wheel.clock);
      dashboard?.steer(wheel, { record, folder, meters, secrets: [streamKey] });
    },
    leaving(why) {
      view.leaving(why);
      dashboard?.leaving(why);
    },
    async finish() {
      await watch?.stop();
      await alerts?.end();
    },
    kill: () => watch?.kill(),
  };
}
