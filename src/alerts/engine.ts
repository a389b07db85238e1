import { type AlertLine, type Measured, measure, numberAt } from './measure.js';
import { MinuteCount } from './minute-count.js';
import {
  type Comparison,
  type Severity,
  THRESHOLDS,
  type Threshold,
  type ThresholdId,
} from './thresholds.js';

/** Of one alert: it holds from now on, or no longer. */
export interface AlertChange {
  readonly kind: 'raised' | 'cleared';
  readonly id: ThresholdId;
  /** Container, process or class of answers; empty where there is one only. */
  readonly name: string;
  readonly severity: Severity;
  readonly words: string;
  /** When it was told. Of a clear, `raisedAtMs` of the same id and name is its raise. */
  readonly atMs: number;
  readonly raisedAtMs: number;
  /** At that time; absent = no answer. */
  readonly value?: number;
}

/** An alert that holds. */
export interface OpenAlert {
  readonly id: ThresholdId;
  readonly name: string;
  readonly severity: Severity;
  readonly words: string;
  readonly raisedAtMs: number;
  /** Since then nothing is known of it: it neither holds nor is over. */
  readonly unknownSinceMs?: number;
}

/** What the configuration says of one alert. */
export type AlertOverride =
  | false
  | { readonly bound?: number | undefined; readonly forMs?: number | undefined };
export type AlertOverrides = Readonly<Partial<Record<ThresholdId, AlertOverride>>>;

/** What is well must stay so for this long, ms, or for as long as the trouble had to hold where that is longer. */
export const CLEAR_AFTER_MS = 15_000;
/** Lines further apart than so many intervals have a gap between them. */
const GAP_INTERVALS = 3;
/** Alerts by id and name that are kept track of; further names are not watched, and counted. */
export const MAX_TRACKED = 2000;
/** What was never seen for so long, and does not hold, is forgotten. */
const FORGET_AFTER_MS = 600_000;

interface Track {
  readonly id: ThresholdId;
  readonly name: string;
  /** How the last known line was. */
  isCrossed: boolean;
  /** For how long it was seen so, ms; a gap does not count. */
  heldMs: number;
  knownAtMs: number;
  /** Whether the line before this one told of it. */
  isKnown: boolean;
  raised: { readonly atMs: number; readonly words: string } | undefined;
}

/**
 * Raises and clears the alerts of a platform, line by line. Pure. An alert is raised when its threshold was crossed for
 * its time and cleared when it was not for `CLEAR_AFTER_MS`; what is not known (a gap, an absent field) neither raises
 * nor clears, and its time counts for neither. Nothing in it grows with time.
 */
export class AlertEngine {
  readonly #thresholds: readonly (readonly [ThresholdId, Threshold])[];
  readonly #gapMs: number;
  readonly #tracks = new Map<string, Track>();
  readonly #minutes = new Map<ThresholdId, MinuteCount>();
  #lastAtMs: number | undefined;
  #untracked = 0;

  constructor(intervalMs: number, overrides: AlertOverrides = {}) {
    this.#gapMs = intervalMs * GAP_INTERVALS;
    this.#thresholds = thresholdsWith(overrides);
  }

  /** Readings that were not watched because too many names were there. */
  get untracked(): number {
    return this.#untracked;
  }

  get tracked(): number {
    return this.#tracks.size;
  }

  /** Takes the next line; one that is not later than the last is left out. */
  feed(line: AlertLine, atMs: number): AlertChange[] {
    const last = this.#lastAtMs;
    if (!Number.isFinite(atMs) || (last !== undefined && atMs <= last)) return [];
    const stepMs = last === undefined || atMs - last > this.#gapMs ? 0 : atMs - last;
    this.#lastAtMs = atMs;
    const seen = new Set<Track>();
    const changes = this.#thresholds.flatMap(([id, threshold]) =>
      this.#readings(line, id, threshold, atMs).flatMap(({ name, value }) => {
        const track = this.#track(id, name, atMs);
        if (track === undefined) return [];
        seen.add(track);
        return this.#step(track, threshold, value, stepMs, atMs);
      }),
    );
    for (const [key, track] of this.#tracks) {
      if (seen.has(track)) continue;
      track.isKnown = false;
      if (track.raised === undefined && atMs - track.knownAtMs > FORGET_AFTER_MS) this.#tracks.delete(key);
    }
    return changes;
  }

  /** What holds, newest first. */
  open(): OpenAlert[] {
    return [...this.#tracks.values()]
      .flatMap(({ id, name, raised, isKnown, knownAtMs }) =>
        raised === undefined
          ? []
          : [
              {
                ...{ id, name, severity: THRESHOLDS[id].severity },
                ...{ words: raised.words, raisedAtMs: raised.atMs },
                ...(isKnown ? {} : { unknownSinceMs: knownAtMs }),
              },
            ],
      )
      .sort((a, b) => b.raisedAtMs - a.raisedAtMs);
  }

  #readings(
    line: AlertLine,
    id: ThresholdId,
    { measure: what, silence, from }: Threshold,
    atMs: number,
  ): { name: string; value: number | undefined }[] {
    const found: readonly Measured[] = measure(line, what);
    if (found.length === 0 && silence !== undefined && isSilent(line, silence))
      return [{ name: '', value: undefined }];
    if (what.kind === 'per_minute') {
      const minute = this.#minutes.get(id) ?? new MinuteCount();
      this.#minutes.set(id, minute);
      const count = found[0]?.value;
      if (count === undefined) return [];
      return [{ name: '', value: minute.add(count, numberIn(line, 'spans_ms', what.source), atMs) }];
    }
    if (from === undefined) return [...found];
    const size = numberAt(line, from.path);
    if (size === undefined) return [];
    return size >= from.atLeast ? [...found] : found.map(({ name }) => ({ name, value: Number.NaN }));
  }

  #track(id: ThresholdId, name: string, atMs: number): Track | undefined {
    const key = `${id}|${name}`;
    const known = this.#tracks.get(key);
    if (known !== undefined) return known;
    if (this.#tracks.size >= MAX_TRACKED) {
      this.#untracked++;
      return undefined;
    }
    const track: Track = {
      id,
      name,
      isCrossed: false,
      heldMs: 0,
      knownAtMs: atMs,
      isKnown: false,
      raised: undefined,
    };
    this.#tracks.set(key, track);
    return track;
  }

  #step(
    track: Track,
    threshold: Threshold,
    value: number | undefined,
    stepMs: number,
    atMs: number,
  ): AlertChange[] {
    const { forMs, severity } = threshold;
    const isCrossed = value === undefined || crosses(value, threshold.is, threshold.bound);
    if (isCrossed !== track.isCrossed) track.heldMs = 0;
    else if (track.isKnown) track.heldMs += stepMs;
    Object.assign(track, { isCrossed, isKnown: true, knownAtMs: atMs });
    const { id, name, raised } = track;
    const told = {
      id,
      name,
      severity,
      atMs,
      ...(value === undefined || Number.isNaN(value) ? {} : { value }),
    };
    if (isCrossed && raised === undefined && track.heldMs >= forMs) {
      const words = wordsOf(threshold, name, value);
      track.raised = { atMs, words };
      return [{ kind: 'raised', ...told, words, raisedAtMs: atMs }];
    }
    if (isCrossed || raised === undefined || track.heldMs < Math.max(forMs, CLEAR_AFTER_MS)) return [];
    track.raised = undefined;
    return [{ kind: 'cleared', ...told, words: raised.words, raisedAtMs: raised.atMs }];
  }
}

/** Every threshold that is watched, with the bound and time that the configuration gives it. */
export function thresholdsWith(overrides: AlertOverrides): (readonly [ThresholdId, Threshold])[] {
  return (Object.entries(THRESHOLDS) as [ThresholdId, Threshold][]).flatMap(([id, threshold]) => {
    const own = overrides[id];
    if (own === false) return [];
    const { bound = threshold.bound, forMs = threshold.forMs } = own ?? {};
    return [[id, { ...threshold, bound, forMs }] as const];
  });
}

/** What is no number crosses nothing. */
export function crosses(value: number, is: Comparison, bound: number): boolean {
  if (Number.isNaN(value)) return false;
  if (is === '>') return value > bound;
  return is === '<' ? value < bound : value !== bound;
}

function isSilent(line: AlertLine, source: string): boolean {
  const { gaps } = line;
  return typeof gaps === 'object' && gaps !== null && Object.hasOwn(gaps, source);
}

function numberIn(line: AlertLine, record: string, key: string): number | undefined {
  const values = line[record];
  if (typeof values !== 'object' || values === null || !Object.hasOwn(values, key)) return undefined;
  const value = (values as Record<string, unknown>)[key];
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
}

const MS_PER_S = 1000;

function wordsOf(
  { words, is, bound, unit, forMs }: Threshold,
  name: string,
  value: number | undefined,
): string {
  const who = name === '' ? '' : `${name}: `;
  if (value === undefined) return `${who}${words}: no answer`;
  const held = forMs === 0 ? '' : ` for ${forMs / MS_PER_S} s`;
  return `${who}${words} ${withUnit(Math.round(value * 100) / 100, unit)} (${is} ${withUnit(bound, unit)}${held})`;
}

export function withUnit(value: number, unit: string): string {
  return unit === '' || unit.startsWith('/') ? `${value}${unit}` : `${value} ${unit}`;
}
