import type { Parity } from '../parity/parity-schema.js';
import type { Planned } from '../stats/kpi.js';
import type { Totals } from '../stats/merge.js';
import type { Tick } from '../stats/tick.js';
import type { PhaseSpan } from '../stats/windows.js';
import type { Target } from '../target.js';
import type { AlertStories } from './alert-stories.js';
import type { Place } from './explain-hint.js';
import type { PlannedLevel } from './planned-levels.js';
import type { PlatformCurves } from './platform-curves.js';
import type { Summary } from './summary-schema.js';

/** What `run.json` says, as far as a report repeats it. What an older version did not write is absent. */
export interface ReportRecord {
  readonly title?: string;
  readonly startEpochMs: number;
  readonly phases: readonly PhaseSpan[];
  readonly planned: Planned;
  /** Viewers that the plan wanted over time. */
  readonly line?: readonly PlannedLevel[];
  readonly embeddedStage: boolean;
  readonly stageFaults?: readonly string[];
  readonly behaviour?: string;
  readonly mix?: Readonly<Record<string, number>>;
  readonly rates?: Readonly<Record<string, unknown>>;
  readonly insecure?: boolean;
  readonly localIps?: readonly string[];
  readonly target: Target;
  readonly settings?: readonly ReportSetting[];
  /** Of a run over load boxes, the machine of its coordinator. */
  readonly host: ReportHost;
  /** Absent = the run went on one machine. */
  readonly fleet?: { readonly boxes: readonly ReportBox[] };
  /** What `dorami-load parity` found; absent = nobody said. */
  readonly parity?: Parity;
  readonly preflight?: { readonly checks: readonly ReportCheck[] };
}

export interface ReportSetting {
  readonly key: string;
  readonly value?: unknown;
  readonly source: string | readonly string[];
}

export interface ReportCheck {
  readonly part: string;
  readonly status: string;
  readonly text: string;
}

export interface ReportHost {
  readonly name: string;
  readonly os?: string;
  readonly cpu?: string;
  readonly cores?: number;
  readonly memoryBytes?: number;
  readonly usable?: { readonly cores: number; readonly memoryBytes: number };
}

/** A load box as it was before the run. */
export interface ReportBox {
  readonly hostname: string;
  readonly os?: string;
  readonly cores: number;
  readonly memoryBytes: number;
}

/** One line of events.ndjson. */
export interface ReportEvent {
  readonly kind: string;
  /** Run milliseconds. */
  readonly atMs: number;
  /** Empty where there is none. */
  readonly detail: string;
  /** What it is about, of an event that has a name: a fault's begin and end have the same. */
  readonly name?: string;
  /** Of `box_state`: what became of the box that it names. */
  readonly state?: string;
}

/** Everything that reports are made of: the same from a run that just ended and from its folder. */
export interface ReportInput {
  readonly summary: Summary;
  readonly record: ReportRecord;
  readonly totals: Totals;
  /** The run over time, as `RunSeries` gives it. */
  readonly ticks: readonly Tick[];
  /** What the platform's own meters said; absent = nobody asked them. */
  readonly platform?: PlatformCurves;
  /** What was raised on what they said; absent = nobody asked them. */
  readonly alerts?: AlertStories;
  /** By time, a bounded number. */
  readonly events: readonly ReportEvent[];
  readonly place: Place;
}
