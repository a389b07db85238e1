/**
 * The one record that crosses every border: what one worker saw in one interval. It goes worker -> main and to
 * disk unchanged; `merge` adds any two. At most 8 KB as a JSON line.
 *
 * Keys of counters and histograms are `metric|phase|protocol`, protocol `-` where a metric has none; a metric that
 * is divided by a closed set has a fourth part: `metric|phase|protocol|label`. Counters of spans are whole
 * microseconds.
 * Counters and histograms are *deltas* of the interval; gauges are values at `toMs`.
 */
export interface Tick {
  readonly v: 1;
  /** Which load box; `local` for a run on one machine. */
  readonly box: string;
  readonly worker: number;
  /** Counts from 0 per worker; a gap means that something was lost. */
  readonly seq: number;
  /** Run milliseconds. */
  readonly fromMs: number;
  readonly toMs: number;
  readonly counters: Readonly<Record<string, number>>;
  readonly histograms: Readonly<Record<string, HistogramPart>>;
  readonly gauges: Readonly<Record<string, number>>;
  /** The worker ended properly and sends nothing after this. */
  readonly last?: true;
}

export interface HistogramPart {
  /** HdrHistogram V2 compressed, base64. Values are integer microseconds (or the metric's own integer unit). */
  readonly v2: string;
  readonly count: number;
  /** Exact extremes, which the histogram only keeps to three digits. */
  readonly min: number;
  readonly max: number;
  /** Exact sum, for means. */
  readonly sum: number;
}
