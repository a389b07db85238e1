import type { Mark } from '../report/marks.js';

/**
 * What the page shows, as plain data: the same from a run that goes, from one that ended, and from a folder that
 * grows. A figure that is not known is `null` with its reason, never a zero.
 */
export interface DashboardState {
  readonly v: 1;
  readonly run: RunHead;
  readonly status: RunStatus;
  /** Run time, ms. */
  readonly atMs: number;
  readonly totalMs: number;
  /** Empty before and after the plan. */
  readonly phase: string;
  readonly phases: readonly PhaseMark[];
  readonly marks: readonly Mark[];
  readonly containers: Containers;
  readonly panels: readonly PanelState[];
  /** Absent = the run goes on one machine. */
  readonly boxes?: BoxesState;
  /** Sources of the platform that say nothing now. */
  readonly gaps: readonly SourceGap[];
  readonly alerts: AlertsState;
  readonly gate: GateState;
}

export interface RunHead {
  readonly id: string;
  readonly profile: string;
  /** Address without secrets; `own stage` when the run brought its platform. */
  readonly target: string;
}

/** `waiting`: nobody came yet; `paused`: its plan waits; `silent`: a folder that has stopped growing without an end. */
export type StatusKind = 'waiting' | 'running' | 'paused' | 'leaving' | 'silent' | 'ended';

export interface RunStatus {
  readonly kind: StatusKind;
  readonly words: string;
  /** Of a run that ended. */
  readonly verdict?: 'pass' | 'fail' | 'invalid' | 'no_data';
}

export interface PhaseMark {
  readonly name: string;
  readonly role: string;
  readonly fromMs: number;
  readonly toMs: number;
}

export type FigureUnit = 'count' | 'ms' | 's' | '%' | 'per_s' | 'kbit/s' | 'MB' | 'bytes' | 'status';
export type FigureTone = 'good' | 'warn' | 'bad' | 'invalid';

/** One number with its name. */
export interface Figure {
  readonly id: string;
  readonly label: string;
  readonly value: number | null;
  readonly unit: FigureUnit;
  readonly tone?: FigureTone;
  /** Why there is no value. */
  readonly why?: string;
}

/** Figures that were told by the same one. */
export interface FigureGroup {
  /** Who says it: our viewers, nginx. */
  readonly title: string;
  readonly figures: readonly Figure[];
  /** In place of figures: what to do to have them. */
  readonly note?: string;
}

export type PanelId = 'streaming' | 'api' | 'sockets' | 'generator';

export interface PanelState {
  readonly id: PanelId;
  readonly groups: readonly FigureGroup[];
  /** Words below the figures: what goes wrong, most frequent first. */
  readonly lines: readonly PanelLine[];
}

export interface PanelLine {
  readonly text: string;
  readonly tone?: FigureTone;
}

export interface ContainerState {
  readonly name: string;
  readonly cpuPct: number | null;
  readonly memPct: number | null;
  readonly memMb: number | null;
  readonly pids: number | null;
}

export interface Containers {
  readonly list: readonly ContainerState[];
  /** % above which an alert is raised; null = none is. */
  readonly cpuLimitPct: number | null;
  readonly memLimitPct: number | null;
  /** Containers beyond those that are shown. */
  readonly more: number;
  readonly note?: string;
}

/** One load box of a run over many. */
export interface BoxRow {
  readonly name: string;
  readonly host: string;
  /** In words: `here`, `late since 0:32`. */
  readonly state: string;
  readonly tone?: FigureTone;
  /** The same ones for each box, in the same order. */
  readonly figures: readonly Figure[];
}

export interface BoxesState {
  /** Lost and late ones first; a bounded number. */
  readonly list: readonly BoxRow[];
  /** `2 of 3 boxes, 8 of 12 viewers`. */
  readonly words: string;
  readonly tone?: FigureTone;
  /** Boxes beyond those that are shown. */
  readonly more: number;
}

export interface SourceGap {
  readonly source: string;
  readonly why: string;
}

/** A threshold that was crossed. */
export interface AlertEntry {
  readonly id: string;
  readonly words: string;
  /** Run ms. */
  readonly raisedAtMs: number;
  /** Absent = it still holds. */
  readonly clearedAtMs?: number;
}

export interface AlertsState {
  /** Those that hold first, then newest first; a bounded number. */
  readonly list: readonly AlertEntry[];
  readonly active: number;
  readonly note?: string;
}

export interface GateRow {
  readonly id: string;
  readonly title: string;
  readonly mandatory: boolean;
  readonly status: 'pass' | 'fail' | 'no_data' | 'not_judged';
  /** As people read it, with its unit; `-` when there is none. */
  readonly value: string;
  readonly bound: string;
  readonly reason: string;
}

export interface GateState {
  readonly rows: readonly GateRow[];
  /** Of mandatory rows. */
  readonly counts: Readonly<Record<'pass' | 'fail' | 'no_data' | 'not_judged', number>>;
  /** When it was judged, run ms; absent = not yet. */
  readonly atMs?: number;
}
