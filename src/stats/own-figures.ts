import { type GaugeName, METRICS, storedPerUnit } from './metrics.js';
import type { Tick } from './tick.js';
import { laggedPercent } from './validity.js';

/** What the generator's own box has to say beside its machine: `RUN_ROWS` of a line of system.ndjson. */
export interface OwnLook {
  readonly values: Readonly<Record<string, number>>;
  /** What is not known this time, by field, with the reason. */
  readonly absent: Readonly<Record<string, string>>;
}

const FIELDS = ['loop_p99_ms', 'lagged_pct', 'run_cpu_cores', 'run_rss_mb', 'viewers'] as const;
const CPU_STORED = storedPerUnit(METRICS.generator_cpu_ms.unit);
const LAGGED_STORED = storedPerUnit(METRICS.lagged_viewer_ms.unit);

/**
 * What the workers' ticks said of the generator since the last look: sums and extremes of every tick in between, so
 * that no bad second falls between two lines. A few numbers, whatever the load.
 */
export class OwnFigures {
  #ticks = 0;
  #loopMs: number | undefined;
  #rssBytes: number | undefined;
  #cpuMs = 0;
  #cpuSpanMs = 0;
  #laggedMs = 0;
  #activeMs = 0;
  #watchingMs = 0;
  readonly #viewers = new Map<string, number>();

  add({ box, worker, fromMs, toMs, gauges, counters }: Tick): void {
    const spanMs = toMs - fromMs;
    const gauge = (name: GaugeName): number | undefined => gauges[name];
    const loopMs = gauge('event_loop_delay_p99_ms');
    if (loopMs !== undefined) this.#loopMs = Math.max(loopMs, this.#loopMs ?? 0);
    const rssBytes = gauge('rss_bytes');
    if (rssBytes !== undefined) {
      this.#rssBytes = rssBytes;
      this.#cpuSpanMs += spanMs;
    }
    for (const [key, count] of Object.entries(counters)) {
      if (key.startsWith('generator_cpu_ms|')) this.#cpuMs += count / CPU_STORED;
      else if (key.startsWith('lagged_viewer_ms|')) this.#laggedMs += count / LAGGED_STORED;
    }
    this.#activeMs += (gauge('vus_active_count') ?? 0) * spanMs;
    this.#watchingMs += (gauge('vus_watching_count') ?? 0) * spanMs;
    // The pieces of a tick that did not fit into one have no gauges.
    const viewers = gauge('vus_active_count');
    if (viewers !== undefined) this.#viewers.set(`${box}|${worker}`, viewers);
    this.#ticks++;
  }

  /** Of the ticks since the last look; then it begins anew. */
  take(): OwnLook {
    if (this.#ticks === 0) {
      const why = 'no worker has said anything since the line before';
      return { values: {}, absent: Object.fromEntries(FIELDS.map((name) => [name, why])) };
    }
    const whole = { activeMs: this.#activeMs, watchingMs: this.#watchingMs };
    const known: Record<(typeof FIELDS)[number], number | undefined> = {
      loop_p99_ms: this.#loopMs,
      lagged_pct: laggedPercent(this.#laggedMs, whole),
      run_cpu_cores: this.#cpuSpanMs > 0 ? this.#cpuMs / this.#cpuSpanMs : undefined,
      run_rss_mb: this.#rssBytes === undefined ? undefined : this.#rssBytes / 1e6,
      viewers: [...this.#viewers.values()].reduce((total, count) => total + count, 0),
    };
    this.#restart();
    const values = Object.fromEntries(
      FIELDS.flatMap((name) => (known[name] === undefined ? [] : [[name, round(known[name])]])),
    );
    const missing = FIELDS.filter((name) => known[name] === undefined);
    return { values, absent: Object.fromEntries(missing.map((name) => [name, 'no worker tells it'])) };
  }

  #restart(): void {
    this.#ticks = 0;
    this.#loopMs = undefined;
    this.#rssBytes = undefined;
    this.#cpuMs = 0;
    this.#cpuSpanMs = 0;
    this.#laggedMs = 0;
    this.#activeMs = 0;
    this.#watchingMs = 0;
  }
}

function round(value: number): number {
  return Math.round(value * 1000) / 1000;
}
