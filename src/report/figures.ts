/** Numbers and text as people read them in a terminal. */

/** A value with its unit: `312 ms`, `99.8 %`, `2 viewers`. */
export function formatValue(value: number | null | undefined, unit: string): string {
  if (value === null || value === undefined) return '-';
  return `${formatNumber(value)} ${unit}`;
}

/** Three significant digits below 100, whole above; never an exponent for what we measure. */
export function formatNumber(value: number): string {
  if (Number.isInteger(value)) return String(value);
  const size = Math.abs(value);
  if (size >= 100) return String(Math.round(value * 10) / 10);
  if (size >= 1) return String(Math.round(value * 100) / 100);
  // Small shares must not round to the bound or to zero.
  const short = Number(value.toPrecision(3));
  // JavaScript itself writes an exponent from here on.
  return size < 1e-6 ? short.toFixed(15).replace(/\.?0+$/, '') : String(short);
}

/** `312 ms`, `4.1 s`, `12:30`: a span as short as it can be read; `-` when it is unknown. */
export function formatSpan(ms: number | undefined): string {
  if (ms === undefined) return '-';
  if (ms < 999.5) return `${Math.round(ms)} ms`;
  return ms < 99_950 ? `${(ms / 1000).toFixed(1)} s` : formatClock(ms);
}

/** `1.2 GB`, `340 MB`: decimal units, as networks count. */
export function formatBytes(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  let value = bytes;
  let unit = 0;
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${value >= 100 || unit === 0 ? Math.round(value) : value.toFixed(1)} ${units[unit]}`;
}

/** `0:07`, `12:30`, `1:02:03`. */
export function formatClock(ms: number): string {
  const total = Math.max(0, Math.round(ms / 1000));
  const hours = Math.floor(total / 3600);
  const minutes = Math.floor((total % 3600) / 60);
  const seconds = String(total % 60).padStart(2, '0');
  return hours > 0 ? `${hours}:${String(minutes).padStart(2, '0')}:${seconds}` : `${minutes}:${seconds}`;
}

/** Who came, in words: where viewers come more than once, as to each level of an escalation, their visits. */
export function formatJoined({
  joined,
  planned,
}: {
  readonly joined: number;
  readonly planned: number;
}): string {
  return joined > planned
    ? `${joined} visits by ${planned} viewers`
    : `${joined} of ${planned} viewers joined`;
}

/** How many kinds of errors are not shown: `2 more kinds`. */
export function formatMoreKinds(count: number): string {
  return `${count} more ${count === 1 ? 'kind' : 'kinds'}`;
}
