import type { ExpandedConf } from '../nginx-conf/expand.js';
import type { RowId, Side } from './checklist.js';

/** A value and who told it. */
export interface Fact {
  readonly value: string;
  /** `compose`, `srs-api`, ... */
  readonly from: string;
}

/** What the sources of one side told. */
export interface SideFacts {
  readonly facts: Readonly<Partial<Record<RowId, Fact>>>;
  readonly confs: Readonly<Partial<Record<'srs-config' | 'nginx-config', ExpandedConf>>>;
  /** Said beside a row: why it could not be read, or what is to be known of how it was. */
  readonly notes: readonly RowNote[];
}

export interface RowNote {
  readonly row: RowId;
  readonly text: string;
}

export type Sides<T> = Readonly<Record<Side, T>>;

export const NOTHING: SideFacts = { facts: {}, confs: {}, notes: [] };
