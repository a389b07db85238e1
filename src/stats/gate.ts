import type { Protocol } from '../events.js';
import type { KpiId } from './kpis.js';
import type { Totals } from './merge.js';
import type { GeneratorFacts, InvalidReason } from './validity.js';

export type GateLevel = 'viewer' | 'full';
export type VerdictWord = 'pass' | 'fail' | 'invalid' | 'no_data';
export type RowStatus = 'pass' | 'fail' | 'no_data' | 'not_judged';

/** What the run had planned; decides which rows must have data. */
export interface Planned {
  readonly vus: number;
  /** VUs that start with each protocol. */
  readonly byProtocol: Readonly<Record<Protocol, number>>;
  /** VUs with an account; 0 = guests only. */
  readonly users: number;
  /** Chat, cart and orders are allowed. */
  readonly writes: boolean;
}

export interface JudgeContext {
  readonly profileName: string;
  /** Rows that the profile names. */
  readonly rows: readonly KpiId[];
  readonly gate: GateLevel;
  /** The plan's phases in order; windows go by role. */
  readonly phases: readonly { readonly name: string; readonly role: string }[];
  readonly planned: Planned;
  readonly facts: GeneratorFacts;
  /** Rows that this run cannot fill although its profile names them, with the reason in words. */
  readonly exempt?: Readonly<Partial<Record<KpiId, string>>>;
}

export interface RowResult {
  readonly id: string;
  readonly title: string;
  readonly section: string;
  readonly mandatory: boolean;
  readonly status: RowStatus;
  /** Why it is not a pass; empty for a pass. */
  readonly reason: string;
  /** Absent when it could not be computed. */
  readonly value?: number;
  readonly bound: string;
  readonly unit: string;
  readonly samples: number;
  readonly window: string;
  /** What stands beside the value: mean, plain value, reasons, sources. */
  readonly beside: Readonly<Record<string, number | string>>;
}

export interface Verdict {
  readonly verdict: VerdictWord;
  readonly gate: GateLevel;
  readonly profileName: string;
  readonly rows: readonly RowResult[];
  readonly invalidReasons: readonly InvalidReason[];
  /** What the reader should know and what decides nothing. */
  readonly notes: readonly string[];
}

/** Never fails open: precedence invalid > fail > no_data > pass. */
export function judge(totals: Totals, context: JudgeContext): Verdict {
  void totals;
  void context;
  throw new Error('not built yet');
}
