import type { CaptureSource } from '../events.js';

/** The order in which sources of capture times are believed, 0 first. */
export const CAPTURE_RANK: Readonly<Record<CaptureSource, number>> = {
  stamp: 0,
  misb: 1,
  obs: 2,
  pic_timing: 3,
  pdt: 4,
};
