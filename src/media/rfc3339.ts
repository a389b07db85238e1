const MS_PER_DAY = 86_400_000;
const DAYS_TO_1970 = 719_468;

/** `YYYY-MM-DDThh:mm:ss`, and at least the `Z`. */
const SHORTEST = 20;
const FRACTION_AT = 19;

/**
 * Milliseconds since the Unix epoch of the RFC 3339 date and time (5.6) that is all of `bytes[from, to)`, or NaN.
 * A leap second reads as the second behind it. Nothing is allocated.
 */
export function readRfc3339Ms(bytes: Uint8Array, from: number, to: number): number {
  if (to - from < SHORTEST || to > bytes.length) return Number.NaN;
  const year = digits(bytes, from, 4);
  const month = digits(bytes, from + 5, 2);
  const day = digits(bytes, from + 8, 2);
  const hour = digits(bytes, from + 11, 2);
  const minute = digits(bytes, from + 14, 2);
  const second = digits(bytes, from + 17, 2);
  const separated =
    (bytes[from + 4] === DASH && bytes[from + 7] === DASH && isT(bytes[from + 10])) === true &&
    bytes[from + 13] === COLON &&
    bytes[from + 16] === COLON;
  const sane = month >= 1 && month <= 12 && day >= 1 && day <= 31 && hour < 24 && minute < 60 && second <= 60;
  // A digit that is none made its field NaN, which is in no range.
  if (!separated || !sane || Number.isNaN(year)) return Number.NaN;
  let at = from + FRACTION_AT;
  let fractionMs = 0;
  if (bytes[at] === DOT) {
    let weightMs = 100;
    for (at++; at < to && isDigit(bytes[at] as number); at++, weightMs /= 10) {
      fractionMs += ((bytes[at] as number) - ZERO) * weightMs;
    }
  }
  const zoneMs = readZoneMs(bytes, at, to);
  const timeMs = ((hour * 60 + minute) * 60 + second) * 1000 + fractionMs;
  return daysSince1970(year, month, day) * MS_PER_DAY + timeMs - zoneMs;
}

const DASH = 0x2d;
const COLON = 0x3a;
const DOT = 0x2e;
const ZERO = 0x30;
const PLUS = 0x2b;

function isT(byte: number | undefined): boolean {
  return byte === 0x54 || byte === 0x74;
}

function isDigit(byte: number): boolean {
  return byte >= ZERO && byte <= 0x39;
}

function digits(bytes: Uint8Array, at: number, count: number): number {
  let value = 0;
  for (let i = 0; i < count; i++) {
    const byte = bytes[at + i] as number;
    if (!isDigit(byte)) return Number.NaN;
    value = value * 10 + (byte - ZERO);
  }
  return value;
}

/** `Z` or `+hh:mm`, which must be the rest. */
function readZoneMs(bytes: Uint8Array, at: number, to: number): number {
  const sign = bytes[at];
  if (to - at === 1) return sign === 0x5a || sign === 0x7a ? 0 : Number.NaN;
  if (to - at !== 6 || bytes[at + 3] !== COLON || (sign !== PLUS && sign !== DASH)) return Number.NaN;
  const zoneMs = (digits(bytes, at + 1, 2) * 60 + digits(bytes, at + 4, 2)) * 60_000;
  return sign === PLUS ? zoneMs : -zoneMs;
}

/** Days of the Gregorian calendar since 1970-01-01; years begin in March here, so that the leap day is the last. */
function daysSince1970(year: number, month: number, day: number): number {
  const shiftedYear = month <= 2 ? year - 1 : year;
  const era = Math.floor(shiftedYear / 400);
  const yearOfEra = shiftedYear - era * 400;
  const dayOfYear = Math.floor((153 * ((month + 9) % 12) + 2) / 5) + day - 1;
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear;
  return era * 146_097 + dayOfEra - DAYS_TO_1970;
}
