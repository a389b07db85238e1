import type { SystemLine } from './line.js';
import type { CollectOrder } from './open-collector.js';

/** What a run says to its collector, which is a process of its own. */
export type ToCollector =
  | { readonly kind: 'begin'; readonly order: CollectOrder }
  | { readonly kind: 'stop' };

/** What it answers. */
export type FromCollector =
  /** `tookMs`: from the question to the sending, so that the run can put it on its own clock. */
  | { readonly kind: 'line'; readonly line: SystemLine; readonly tookMs: number }
  /** A source has become a gap (reason), or is back. */
  | { readonly kind: 'turn'; readonly source: string; readonly gap?: string }
  /** The last line is out. */
  | { readonly kind: 'stopped' };
