import { Deltas } from './deltas.js';
import type { InspectedContainer, StatsSample } from './docker-api.js';
import type { Reading, Values } from './reading.js';
import { spanRates } from './span-rates.js';

const MB = 1e6;
/** The engine's clock and ours may differ by this much over a span; by more, the engine's was set. */
const CLOCK_STEP_MS = 1000;

/** What is remembered of one name from look to look. */
export class ContainerMemory {
  #life: { readonly id: string; readonly startedAt: string; readonly restartCount: number } | undefined;
  #restarts: number | undefined;
  #deltas = new Deltas();
  #last: { readonly readEpochMs: number; readonly atMs: number } | undefined;

  /** Counts starts since the look before: those of the engine's count, one by hand, and a container that was made anew. */
  note(id: string, { startedAt, restartCount = 0 }: InspectedContainer): void {
    const last = this.#life;
    this.#life = { id, startedAt, restartCount };
    if (last === undefined) return;
    const isOther = last.id !== id;
    const byHand = isOther || last.startedAt !== startedAt ? 1 : 0;
    const byEngine = isOther ? 0 : Math.max(0, restartCount - last.restartCount);
    this.#restarts = (this.#restarts ?? 0) + Math.max(byHand, byEngine);
    if (byHand > 0) {
      this.#deltas = new Deltas();
      this.#last = undefined;
    }
  }

  /** What one sample says, which came `atMs`; one that was seen before has gauges and no rates. */
  reading(inspected: InspectedContainer, sample: StatsSample, atMs: number): Reading {
    const restarts = this.#restarts;
    this.#restarts = 0;
    const { by, spanMs, restarted } = this.#growth(sample, atMs);
    const isRestarted = restarted || (restarts ?? 0) > 0;
    const cores = least([inspected.quotaCores, inspected.setCores, sample.onlineCores]);
    const rates = spanRates(by === undefined ? undefined : spanMs, (ms) => perTime(by ?? {}, ms, cores));
    return {
      values: {
        ...gauges(inspected, sample, cores),
        ...(by === undefined ? {} : counts(by)),
        ...rates.values,
        ...(restarts === undefined ? {} : { restarts }),
      },
      absent: { ...absences(inspected, sample, cores), ...rates.absent },
      ...(spanMs === undefined ? {} : { spanMs }),
      ...(isRestarted ? { restarted: true } : {}),
    };
  }

  /** A reading of a container whose stats are still on their way. */
  begun(inspected: InspectedContainer): Reading {
    const cores = least([inspected.quotaCores, inspected.setCores]);
    const why = 'its stats have only just been asked for';
    return {
      values: stateValues(inspected, cores),
      absent: { cpu_pct: why, mem_mb: why },
    };
  }

  #growth(sample: StatsSample, atMs: number) {
    const { readEpochMs } = sample;
    const last = this.#last;
    if (last?.readEpochMs === readEpochMs) return { restarted: false };
    this.#last = { readEpochMs, atMs };
    const { by, restarted } = this.#deltas.take(cumulative(sample), atMs);
    if (last === undefined) return { restarted };
    const told = readEpochMs - last.readEpochMs;
    const spanMs = Math.abs(told - (atMs - last.atMs)) > CLOCK_STEP_MS ? atMs - last.atMs : told;
    return spanMs > 0 ? { by, spanMs, restarted } : { restarted };
  }
}

function cumulative({ cpuMs, periods, throttledPeriods, network, block }: StatsSample) {
  return {
    cpuMs,
    ...(periods === undefined || throttledPeriods === undefined ? {} : { periods, throttledPeriods }),
    ...network,
    ...block,
  };
}

function counts({ periods = 0, throttledPeriods = 0, drops }: Values): Values {
  return {
    ...(periods > 0 ? { cpu_throttled_pct: (throttledPeriods / periods) * 100 } : {}),
    ...(drops === undefined ? {} : { net_drops: drops }),
  };
}

function perTime(by: Values, spanMs: number, cores: number | undefined): Values {
  const { cpuMs = 0, rxBytes, txBytes, readBytes, writeBytes } = by;
  const perS = (bytes: number): number => (bytes * 1000) / spanMs / MB;
  return {
    ...(cores === undefined ? {} : { cpu_pct: (cpuMs / spanMs / cores) * 100 }),
    cpu_cores: cpuMs / spanMs,
    ...(rxBytes === undefined ? {} : { net_rx_kbps: (rxBytes * 8) / spanMs }),
    ...(txBytes === undefined ? {} : { net_tx_kbps: (txBytes * 8) / spanMs }),
    ...(readBytes === undefined ? {} : { block_read_mb_per_s: perS(readBytes) }),
    ...(writeBytes === undefined ? {} : { block_write_mb_per_s: perS(writeBytes) }),
  };
}

function gauges(inspected: InspectedContainer, sample: StatsSample, cores: number | undefined) {
  const { memoryBytes, limitBytes, swapBytes, pids, network, block } = sample;
  return {
    ...stateValues(inspected, cores),
    mem_mb: memoryBytes / MB,
    ...(limitBytes === undefined
      ? {}
      : { mem_pct: (memoryBytes / limitBytes) * 100, mem_limit_mb: limitBytes / MB }),
    ...(swapBytes === undefined ? {} : { swap_mb: swapBytes / MB }),
    ...(network === undefined ? {} : { net_rx_mb: network.rxBytes / MB, net_tx_mb: network.txBytes / MB }),
    ...(block === undefined
      ? {}
      : { block_read_mb: block.readBytes / MB, block_write_mb: block.writeBytes / MB }),
    ...(pids === undefined ? {} : { pids }),
  };
}

function stateValues({ oomKilled, health }: InspectedContainer, cores: number | undefined) {
  return {
    ...(cores === undefined ? {} : { cpu_limit_cores: cores }),
    ...(oomKilled === undefined ? {} : { oom_killed: oomKilled ? 1 : 0 }),
    ...(health === 'healthy' || health === 'unhealthy' ? { healthy: health === 'healthy' ? 1 : 0 } : {}),
  };
}

function absences(
  { health }: InspectedContainer,
  { limitBytes, network, block }: StatsSample,
  cores: number | undefined,
): Readonly<Record<string, string>> {
  return {
    ...(cores === undefined ? { cpu_pct: 'the engine does not say how many cores there are' } : {}),
    ...(limitBytes === undefined ? { mem_pct: 'the engine does not say what it may use' } : {}),
    ...(network === undefined ? { net_rx_mb: 'it has no network of its own' } : {}),
    ...(block === undefined ? { block_read_mb: 'the engine tells none' } : {}),
    ...(health === undefined ? { healthy: 'it has no health check' } : {}),
    ...(health === 'starting' ? { healthy: 'its health check is still starting' } : {}),
  };
}

function least(values: readonly (number | undefined)[]): number | undefined {
  const known = values.filter((value) => value !== undefined);
  return known.length === 0 ? undefined : Math.min(...known);
}

/** Why a container that does not run says nothing: it uses no CPU, and that is no measured zero. */
export function stoppedWords({ state, exitCode, oomKilled, restartCount }: InspectedContainer): string {
  const parts = [
    `the container is ${state}`,
    ...(state === 'exited' || state === 'dead' || state === 'restarting' ? [`code ${exitCode ?? '?'}`] : []),
    ...(oomKilled === true ? ['killed for want of memory'] : []),
    ...(state === 'restarting' && restartCount !== undefined ? [`${restartCount} restarts`] : []),
  ];
  return parts.join(', ');
}
