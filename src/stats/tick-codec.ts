import { ProtocolError } from '../errors.js';
import { METRICS, type MetricName } from './metrics.js';
import { parseKey } from './slots.js';
import type { HistogramPart, Tick } from './tick.js';

/** Longest line a tick may be, in bytes, without the newline. */
export const MAX_TICK_BYTES = 8192;
const MAX_BOX_CHARS = 64;
const MAX_WORKERS = 4096;
const BASE64 = /^[A-Za-z0-9+/]+={0,2}$/;

/** One line of `ticks.ndjson`, without the newline. */
export function encodeTick(tick: Tick): string {
  return JSON.stringify(tick);
}

/** @throws {ProtocolError} when the line is not a tick that a recorder of this version could have written */
export function decodeTick(line: string): Tick {
  if (Buffer.byteLength(line) > MAX_TICK_BYTES) {
    throw new ProtocolError(`a tick of more than ${MAX_TICK_BYTES} bytes`);
  }
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch (cause) {
    throw new ProtocolError('a tick that is not JSON', { cause });
  }
  return checkTick(value);
}

/** Ticks that were checked already: on its way from another box a tick passes more than one border. Nobody changes a tick. */
const CHECKED = new WeakSet<object>();

/**
 * Checks a value that came from another thread, box or file.
 * @throws {ProtocolError} naming the field that is wrong
 */
export function checkTick(value: unknown): Tick {
  if (typeof value === 'object' && value !== null && CHECKED.has(value)) return value as Tick;
  const tick = checked(value);
  CHECKED.add(tick);
  return tick;
}

function checked(value: unknown): Tick {
  const tick = record(value, 'tick');
  want(tick.v === 1, 'v', 'is not 1');
  want(
    typeof tick.box === 'string' && tick.box.length > 0 && tick.box.length <= MAX_BOX_CHARS,
    'box',
    'is no name',
  );
  want(isCount(tick.worker) && tick.worker < MAX_WORKERS, 'worker', 'is no worker number');
  want(isCount(tick.seq), 'seq', 'is no whole number');
  want(isFiniteNumber(tick.fromMs) && isFiniteNumber(tick.toMs), 'fromMs/toMs', 'is not finite');
  want((tick.fromMs as number) <= (tick.toMs as number), 'fromMs/toMs', 'runs backwards');
  want(tick.last === undefined || tick.last === true, 'last', 'is neither absent nor true');
  for (const [key, count] of Object.entries(record(tick.counters, 'counters'))) {
    want(parseKey(key)?.kind === 'counter', key, 'is no counter');
    want(isCount(count), key, 'is no whole number');
  }
  for (const [key, part] of Object.entries(record(tick.histograms, 'histograms'))) {
    want(parseKey(key)?.kind === 'histogram', key, 'is no histogram');
    checkPart(key, record(part, key));
  }
  for (const [name, gauge] of Object.entries(record(tick.gauges, 'gauges'))) {
    want(Object.hasOwn(METRICS, name) && METRICS[name as MetricName].kind === 'gauge', name, 'is no gauge');
    want(isFiniteNumber(gauge), name, 'is not finite');
  }
  return value as Tick;
}

function checkPart(key: string, part: Record<string, unknown>): void {
  const { v2, count, min, max, sum } = part as unknown as HistogramPart;
  want(typeof v2 === 'string' && v2.length <= MAX_TICK_BYTES && BASE64.test(v2), key, 'is not base64');
  want(isCount(count) && count > 0, key, 'has no count');
  want(isCount(min) && isCount(max) && isCount(sum) && min <= max, key, 'has no extremes or sum');
}

function record(value: unknown, name: string): Record<string, unknown> {
  want(typeof value === 'object' && value !== null && !Array.isArray(value), name, 'is no object');
  return value as Record<string, unknown>;
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function isFiniteNumber(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value);
}

function want(holds: boolean, field: string, problem: string): asserts holds {
  if (!holds) throw new ProtocolError(`tick: ${field.slice(0, 100)} ${problem}`);
}
