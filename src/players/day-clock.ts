import type { FrameCaptureSource } from '../events.js';
import type { Clock } from '../seams.js';

const MS_PER_MINUTE = 60_000;
/** Zones differ from each other by whole and half hours, but for a few by quarters. */
const ZONE_STEP_MS = 30 * MS_PER_MINUTE;
/** A picture that is older when it arrives, or younger than now, was not timed by a clock that can be resolved. */
const MAX_AGE_MS = 60_000;
const MAX_AHEAD_MS = 5000;

/**
 * Milliseconds since the Unix epoch of a time of day whose day and zone nobody named, given the time when its
 * picture arrived: of all half hours' zones the instant nearest to it. Undefined when even that is more than a
 * minute old or five seconds ahead: a counter that began at zero, not a clock. (One in thirty such counters passes
 * by chance; what came of it is named beside each latency.)
 */
export function resolveDayMs(dayMs: number, nowEpochMs: number): number | undefined {
  const steps = Math.round((nowEpochMs - dayMs) / ZONE_STEP_MS);
  const epochMs = dayMs + steps * ZONE_STEP_MS;
  const ageMs = nowEpochMs - epochMs;
  return ageMs <= MAX_AGE_MS && ageMs >= -MAX_AHEAD_MS ? epochMs : undefined;
}

/** What a reader found of a picture's capture time. */
interface Sighted {
  readonly captureSource: FrameCaptureSource | undefined;
  readonly captureEpochUs: number;
  readonly captureDayMs: number;
}

/** Capture time of a picture whose last byte came at `arrivedAtMs` (run ms); undefined when its bytes tell none. */
export function captureEpochMsOf(picture: Sighted, clock: Clock, arrivedAtMs: number): number | undefined {
  if (picture.captureSource === undefined) return undefined;
  if (picture.captureSource !== 'pic_timing') return picture.captureEpochUs / 1000;
  return resolveDayMs(picture.captureDayMs, clock.epochMs() - (clock.nowMs() - arrivedAtMs));
}
