import { overridesOf } from '../collect/alert-config.js';
import type { RunSystemLine } from '../collect/line.js';
import type { RunConfig } from '../config.js';
import type { AlertEntry } from '../dashboard/state.js';
import { createRedact } from '../redact.js';
import type { Conclusion } from './conclude.js';
import { type DashboardDesk, openDesk } from './dashboard-desk.js';
import type { Intake } from './intake.js';
import type { LiveMeters } from './live-meters.js';
import type { Wheel } from './live-run.js';
import { glanceOf } from './run-glance.js';
import type { RunRecord } from './run-record.js';

const LOOK_MS = 1000;

/** Which run it is. */
export interface LiveDashboardRun {
  readonly record: RunRecord;
  readonly folder: string;
  /** Of a run that collects. */
  readonly meters?: LiveMeters | undefined;
  /** Masked wherever they would stand. */
  readonly secrets: readonly string[];
}

/** The dashboard of a run that goes. */
export interface LiveDashboard {
  readonly url: string;
  /** Run time has begun. */
  steer(wheel: Wheel, run: LiveDashboardRun): void;
  /** All are leaving, and why. */
  leaving(why: string): void;
  readonly takeLine: (line: RunSystemLine) => void;
  takeAlert(entry: AlertEntry): void;
  /** The last look, with the verdict. */
  conclude(conclusion: Conclusion, intake: Pick<Intake, 'totals' | 'recent' | 'ending'>): void;
  close(): Promise<void>;
}

/**
 * Opens the dashboard of a run, if it was asked for, before anything of the run begins.
 * @throws {ConfigError} when its port is taken
 */
export async function openLiveDashboard({
  dashboard: port,
  collect,
}: Pick<RunConfig, 'dashboard' | 'collect'>): Promise<LiveDashboard | undefined> {
  if (port === undefined) return undefined;
  let redact = createRedact([]);
  const alerts = overridesOf(collect?.config.alerts);
  const desk = await openDesk({ port, portPath: '--dashboard', redact: (text) => redact(text), alerts });
  return new Live(desk, (secrets) => {
    redact = createRedact(secrets);
  });
}

class Live implements LiveDashboard {
  readonly #desk: DashboardDesk;
  readonly #waiting: NodeJS.Timeout;
  readonly #hide: (secrets: readonly string[]) => void;
  #run: LiveDashboardRun | undefined;
  #why: string | undefined;
  #cancel: () => void = () => {};

  constructor(desk: DashboardDesk, hide: (secrets: readonly string[]) => void) {
    this.#hide = hide;
    this.#desk = desk;
    this.#waiting = setInterval(() => desk.wait(), LOOK_MS);
    this.#waiting.unref();
  }

  get url(): string {
    return this.#desk.url;
  }

  steer({ intake, clock, over, boxFigures }: Wheel, run: LiveDashboardRun): void {
    this.#hide(run.secrets);
    clearInterval(this.#waiting);
    this.#run = run;
    const look = (): void => {
      const { totals, recent, ending: log } = intake;
      const nowMs = Math.max(0, Math.round(clock.nowMs()));
      const figures = boxFigures === undefined ? {} : { figures: boxFigures };
      const now = { totals, recent, ending: log.ending(), nowMs, leaving: this.#why };
      this.#desk.show(glanceOf({ ...run, ...now, ...figures }));
    };
    const arm = (): void => {
      this.#cancel = clock.after(LOOK_MS, () => {
        look();
        arm();
      });
    };
    arm();
    void over.then(() => this.#cancel());
  }

  leaving(why: string): void {
    this.#why ??= why;
  }

  readonly takeLine = (line: RunSystemLine): void => this.#desk.takeLine(line, line.atMs);

  takeAlert(entry: AlertEntry): void {
    this.#desk.takeAlert(entry);
  }

  conclude(
    conclusion: Conclusion,
    { totals, recent, ending: log }: Pick<Intake, 'totals' | 'recent' | 'ending'>,
  ): void {
    this.#cancel();
    if (this.#run === undefined) return;
    const ending = log.ending();
    this.#desk.show(glanceOf({ ...this.#run, totals, recent, ending, nowMs: totals.toMs, conclusion }));
  }

  async close(): Promise<void> {
    clearInterval(this.#waiting);
    this.#cancel();
    await this.#desk.close();
  }
}
