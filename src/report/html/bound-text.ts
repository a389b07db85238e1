import type { Bound } from '../../stats/kpi.js';
import { formatValue } from '../figures.js';

const SIGNS: Readonly<Record<Bound['op'], string>> = { '<=': '≤', '<': '<', '>=': '≥', '>': '>' };

/** `≤ 3000 ms` */
export function boundText({ bound, unit }: { readonly bound: Bound; readonly unit: string }): string {
  return `${SIGNS[bound.op]} ${formatValue(bound.value, unit)}`;
}

/** `≤` for `<=`. */
export function signText(op: Bound['op']): string {
  return SIGNS[op];
}
