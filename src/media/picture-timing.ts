import type { BitReader } from './bit-reader.js';
import type { SpsTiming } from './sps-timing.js';

/** The clock of a stream's pictures: a time of day. Kept from picture to picture, since parts may be left out. */
export interface PictureClock {
  /** Hours, minutes and seconds were told since the stream began. */
  known: boolean;
  hours: number;
  minutes: number;
  seconds: number;
  /** Milliseconds since the midnight of a day and a zone that the stream does not name. */
  dayMs: number;
}

/** A clock that nothing was told of yet. */
export function blankPictureClock(): PictureClock {
  return { known: false, hours: 0, minutes: 0, seconds: 0, dayMs: 0 };
}

/** Clock timestamps by pic_struct, table D-1. */
const CLOCKS_BY_STRUCTURE = [1, 1, 1, 2, 2, 3, 3, 2, 3] as const;
const MS_PER_S = 1000;

/**
 * Reads a picture timing message (SEI type 1, ITU-T H.264 D.1.3, D.2.3) of a stream whose parameter set says
 * `sps`. True when its first clock timestamp names a time of day; else `clock` tells none of this picture.
 *
 * The time is equation D-1: hours, minutes, seconds, then frames counted in ticks; so it is as exact as a frame.
 */
export function readPictureTiming(bits: BitReader, sps: Readonly<SpsTiming>, clock: PictureClock): boolean {
  if (!sps.pictureStructure || sps.timeScale === 0 || sps.unitsInTick === 0) return false;
  bits.bits(sps.removalDelayBits);
  bits.bits(sps.outputDelayBits);
  const clocks = CLOCKS_BY_STRUCTURE[bits.bits(4)] ?? 0;
  for (let i = 0; i < clocks; i++) if (bits.flag()) return readClock(bits, sps, clock);
  return false;
}

function readClock(bits: BitReader, sps: Readonly<SpsTiming>, clock: PictureClock): boolean {
  bits.bits(2); // ct_type
  const frameBased = !bits.flag();
  bits.bits(5); // counting_type
  const full = bits.flag();
  bits.bits(2); // discontinuity_flag, cnt_dropped_flag
  const frames = bits.bits(8);
  const { hours, minutes, seconds } = clock;
  let { known } = clock;
  if (full) {
    clock.seconds = bits.bits(6);
    clock.minutes = bits.bits(6);
    clock.hours = bits.bits(5);
    known = true;
  } else if (bits.flag()) {
    clock.seconds = bits.bits(6);
    if (bits.flag()) {
      clock.minutes = bits.bits(6);
      if (bits.flag()) {
        clock.hours = bits.bits(5);
        known = true;
      }
    }
  }
  const offsetTicks = bits.signedBits(sps.timeOffsetBits);
  const framesMs = (frames * sps.unitsInTick * (frameBased ? 1 : 2) * MS_PER_S) / sps.timeScale;
  // A count of frames that is a second and more, or a 61st second: garbage, or a rate that is not the stream's.
  const sane = clock.seconds < 60 && clock.minutes < 60 && clock.hours < 24 && framesMs < MS_PER_S;
  if (bits.overrun || !sane) {
    clock.hours = hours;
    clock.minutes = minutes;
    clock.seconds = seconds;
    return false;
  }
  clock.known = known;
  const wholeS = (clock.hours * 60 + clock.minutes) * 60 + clock.seconds;
  clock.dayMs = wholeS * MS_PER_S + framesMs + (offsetTicks * MS_PER_S) / sps.timeScale;
  return known;
}
