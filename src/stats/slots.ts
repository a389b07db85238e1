import { labelsOf, METRIC_NAMES, METRICS, type MetricName, OTHER_LABEL } from './metrics.js';

/**
 * The metric table laid out as numbered slots: one per (metric, protocol, label). All parts are closed sets, so a
 * phase is a plain array, an event costs an index, and no key can be invented by what the platform sends.
 */
export const PROTOCOLS = ['hls', 'flv'] as const;
export const NO_PROTOCOL = '-';

export interface Slot {
  readonly metric: MetricName;
  readonly kind: 'counter' | 'histogram';
  readonly protocol: string;
  readonly label?: string;
}

interface Layout {
  readonly first: number;
  readonly labels: ReadonlyMap<string, number>;
  readonly protocolStep: number;
}

const slots: Slot[] = [];
const layouts = new Map<MetricName, Layout>();

for (const metric of METRIC_NAMES) {
  const spec = METRICS[metric];
  if (spec.kind === 'gauge') continue;
  const labels = labelsOf(spec);
  const first = slots.length;
  for (const protocol of spec.by === undefined ? [NO_PROTOCOL] : PROTOCOLS) {
    if (labels === undefined) slots.push({ metric, kind: spec.kind, protocol });
    else for (const label of labels) slots.push({ metric, kind: spec.kind, protocol, label });
  }
  layouts.set(metric, {
    first,
    labels: new Map(labels?.map((label, index) => [label, index])),
    protocolStep: labels?.length ?? 1,
  });
}

export const SLOTS: readonly Slot[] = slots;

/**
 * Slot of a metric, or -1 when the protocol is missing or unknown. An unknown label is the slot of `other`.
 * Allocates nothing.
 */
export function slotOf(metric: MetricName, protocol?: string, label?: string): number {
  const layout = layouts.get(metric);
  if (layout === undefined) return -1;
  let slot = layout.first;
  if (METRICS[metric].by !== undefined) {
    if (protocol === 'flv') slot += layout.protocolStep;
    else if (protocol !== 'hls') return -1;
  }
  if (layout.labels.size === 0) return slot;
  return slot + (layout.labels.get(label ?? OTHER_LABEL) ?? layout.labels.size - 1);
}

/** The key of a slot in a tick. */
export function keyOf(slot: Slot, phase: string): string {
  const key = `${slot.metric}|${phase}|${slot.protocol}`;
  return slot.label === undefined ? key : `${key}|${slot.label}`;
}

const PHASE = /^[A-Za-z0-9_.-]{1,40}$/;
/** Phase of everything whose own phase has no usable name or is one too many. */
export const OTHER_PHASE = 'other';

export function isPhaseName(name: string): boolean {
  return PHASE.test(name);
}

/** What a key of a tick names. */
export type ParsedKey = Slot & { readonly phase: string };

/** Keys that were read already; as many as a run of a few dozen phases has. */
const PARSED = new Map<string, ParsedKey>();
const MAX_PARSED = 10_000;

/** What a key of a tick names, or undefined when nothing of ours could have written it. */
export function parseKey(key: string): ParsedKey | undefined {
  const known = PARSED.get(key);
  if (known !== undefined) return known;
  const parsed = parsedKey(key);
  if (parsed !== undefined && PARSED.size < MAX_PARSED) PARSED.set(key, parsed);
  return parsed;
}

function parsedKey(key: string): ParsedKey | undefined {
  const [name = '', phase = '', protocol = '', label, ...rest] = key.split('|');
  const layout = layouts.get(name as MetricName);
  if (layout === undefined || rest.length > 0 || !isPhaseName(phase)) return undefined;
  const metric = name as MetricName;
  const { by, kind } = METRICS[metric];
  const protocolFits = by === undefined ? protocol === NO_PROTOCOL : PROTOCOLS.some((p) => p === protocol);
  const labelFits = layout.labels.size === 0 ? label === undefined : layout.labels.has(label ?? '');
  if (!protocolFits || !labelFits || kind === 'gauge') return undefined;
  return { metric, kind, phase, protocol, ...(label === undefined ? {} : { label }) };
}
