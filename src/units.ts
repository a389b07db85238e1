/** Conversions between the units of the media formats and ours. Nothing here allocates. */

/** MPEG-TS clock, ISO 13818-1: ticks per millisecond. */
export const TICKS_90K_PER_MS = 90;
/** PTS and DTS are 33 bits wide, ISO 13818-1 2.4.3.7. */
export const PTS_WRAP_TICKS_90K = 2 ** 33;

/** 90 kHz ticks -> milliseconds. */
export function ticks90kToMs(ticks90k: number): number {
  return ticks90k / TICKS_90K_PER_MS;
}

/** Milliseconds -> whole microseconds. */
export function msToUs(ms: number): number {
  return Math.round(ms * 1000);
}
