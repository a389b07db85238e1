import { Deltas } from './deltas.js';
import type { FetchText } from './fetch-text.js';
import { LogFollower } from './log-follower.js';
import type { Reading, Source } from './reading.js';
import { spanRates } from './span-rates.js';
import {
  clientOf,
  listOf,
  parseSummary,
  type SrsClient,
  type SrsStream,
  type SrsSummary,
  streamOf,
} from './srs-api.js';

/** What SRS is asked for at a time: without a count it answers ten. */
const PAGE = 1000;
const MAX_PAGES = 20;

/** SRS's HTTP API: `/api/v1/summaries`, `streams` and `clients`, all pages of them. */
export function createSrsSource(
  api: string,
  fetchText: FetchText,
  nowMs: () => number,
  band: BitrateBand = STRATEGY_BAND,
): Source {
  const deltas = new Deltas();
  let pid: string | undefined;
  const ask = async (path: string, signal: AbortSignal): Promise<string> => {
    const { status, body } = await fetchText(`${api}/api/v1/${path}`, signal);
    if (status !== 200) throw new Error(`${path.split('?')[0]} answered ${status}`);
    return body;
  };
  return {
    name: 'srs.api',
    section: 'srs',
    read: async (signal) => {
      const [summaryText, streams, clients] = await Promise.all([
        ask('summaries', signal),
        allPages('streams', ask, signal),
        allPages('clients', ask, signal),
      ]);
      const summary = parseSummary(summaryText);
      if (summary === undefined) throw new Error('summaries is no answer of SRS');
      const { recvBytes, sendBytes, uptimeS } = summary;
      const listed = { streams: streams.map(streamOf), clients: clients.map(clientOf) };
      const bitrate = bitrateValues(listed.streams, listed.clients, band);
      const isOther = pid !== undefined && pid !== summary.pid;
      pid = summary.pid;
      const growth = deltas.take({ recvBytes, sendBytes, uptimeS }, nowMs());
      const by = isOther ? undefined : growth.by;
      const { spanMs } = growth;
      const rates = spanRates(by === undefined ? undefined : spanMs, (ms) => ({
        recv_now_kbps: ((by?.recvBytes ?? 0) * 8) / ms,
        send_now_kbps: ((by?.sendBytes ?? 0) * 8) / ms,
      }));
      return {
        values: {
          ...srsValues(summary, listed.streams, listed.clients),
          ...bitrate.values,
          ...rates.values,
        },
        absent: { ...untold(listed.streams), ...bitrate.absent, ...rates.absent },
        ...(spanMs === undefined ? {} : { spanMs }),
        restarted: growth.restarted || isOther,
      };
    },
  };
}

async function allPages(
  name: 'clients' | 'streams',
  ask: (path: string, signal: AbortSignal) => Promise<string>,
  signal: AbortSignal,
) {
  // Between two pages clients come and go: nobody is counted twice.
  const byId = new Map<unknown, Readonly<Record<string, unknown>>>();
  for (let page = 0; page < MAX_PAGES; page++) {
    const list = listOf(await ask(`${name}?start=${page * PAGE}&count=${PAGE}`, signal), name);
    if (list === undefined) throw new Error(`${name} is no answer of SRS`);
    for (const entry of list) byId.set(entry.id, entry);
    if (list.length < PAGE) return [...byId.values()];
  }
  throw new Error(`${name} are more than ${MAX_PAGES * PAGE}`);
}

/** Values that need no look before. */
export function srsValues(
  summary: SrsSummary,
  streams: readonly SrsStream[],
  clients: readonly SrsClient[],
): Readonly<Record<string, number>> {
  const publishers = clients.filter(({ publish }) => publish);
  const viewers = clients.filter(({ publish }) => !publish);
  const ofType = (start: string): number => viewers.filter(({ type }) => type.startsWith(start)).length;
  const uptimes = publishers.flatMap(({ aliveS }) => aliveS ?? []);
  return {
    clients: clients.length,
    clients_flv: ofType('flv'),
    clients_hls: ofType('hls'),
    clients_rtmp: ofType('rtmp'),
    streams: streams.length,
    streams_active: streams.filter(({ isActive }) => isActive).length,
    publishers: publishers.length,
    ...(uptimes.length === 0 ? {} : { publisher_uptime_s: Math.max(...uptimes) }),
    ...sums(streams),
    connections: summary.connections,
    cpu_pct: summary.cpuPct,
    mem_mb: summary.memoryMb,
    uptime_s: summary.uptimeS,
  };
}

/** Sums of what every stream tells. */
function sums(streams: readonly SrsStream[]): Record<string, number> {
  const told = Object.entries(SUMMED).map(([name, of]) => [name, streams.map(of)] as const);
  return Object.fromEntries(
    told.flatMap(([name, values]) =>
      values.includes(undefined)
        ? []
        : [[name, values.reduce<number>((total, value) => total + (value ?? 0), 0)]],
    ),
  );
}

const SUMMED = {
  recv_kbps: ({ recvKbps }: SrsStream) => recvKbps,
  send_kbps: ({ sendKbps }: SrsStream) => sendKbps,
  frames: ({ frames }: SrsStream) => frames,
};

/** What some stream does not tell. */
function untold(streams: readonly SrsStream[]): Record<string, string> {
  const names = Object.entries(SUMMED).filter(([, of]) => streams.map(of).includes(undefined));
  return Object.fromEntries(names.map(([name]) => [name, 'a stream does not tell it']));
}

/** What a published stream may have, kbit/s. */
export interface BitrateBand {
  readonly minKbps: number;
  readonly maxKbps: number;
}

/** Strategy 3.4. */
export const STRATEGY_BAND: BitrateBand = { minKbps: 500, maxKbps: 6000 };

/** SRS's mean is over this long; before, it is a part of it. */
const MEAN_S = 30;

/** The lowest and the highest of the streams that are being published, and whether all are within the band. */
function bitrateValues(
  streams: readonly SrsStream[],
  clients: readonly SrsClient[],
  { minKbps, maxKbps }: BitrateBand,
): Pick<Reading, 'values' | 'absent'> {
  const no = (why: string) => ({ values: {}, absent: { bitrate_in_band: why } });
  const active = streams.filter(({ isActive }) => isActive);
  if (active.length === 0) return no('nothing is being published');
  const rates = active.flatMap(({ recvKbps }) => recvKbps ?? []);
  if (rates.length < active.length) return no('a stream does not tell its bitrate');
  const isYoung = clients.some(({ publish, aliveS }) => publish && (aliveS ?? 0) < MEAN_S);
  if (isYoung) return no(`a publisher is connected for less than ${MEAN_S} s, over which SRS takes its mean`);
  const [low, high] = [Math.min(...rates), Math.max(...rates)];
  return {
    values: {
      ...{ bitrate_low_kbps: low, bitrate_high_kbps: high },
      bitrate_in_band: low >= minKbps && high <= maxKbps ? 1 : 0,
    },
  };
}

const KINDS = { dropped_frame_lines: /drop frame/i, disconnect_lines: /disconnect peer/i } as const;
/** A line of a level that `warn` hides; SRS writes the names in both ways. */
const CHATTY = /\[(?:verb|verbose|debug|info|trace)\]/i;

/** Counts kinds of lines in SRS's log, and knows which of them its level can show. */
export class SrsLogCounter {
  #counts: Record<string, number> = { dropped_frame_lines: 0, disconnect_lines: 0 };
  readonly #shown = new Set<string>();
  #isChatty = false;

  add(line: string): void {
    if (CHATTY.test(line)) this.#isChatty = true;
    for (const [name, pattern] of Object.entries(KINDS)) {
      if (!pattern.test(line)) continue;
      this.#shown.add(name);
      this.#counts[name] = (this.#counts[name] ?? 0) + 1;
    }
  }

  /** Counts since the last time; a kind that was never seen is absent while nothing below `warn` was seen either. */
  take(): Pick<Reading, 'values' | 'absent'> {
    const names = Object.keys(KINDS);
    const known = names.filter((name) => this.#isChatty || this.#shown.has(name));
    const values = Object.fromEntries(known.map((name) => [name, this.#counts[name] ?? 0]));
    this.#counts = {};
    const why = 'the log has shown no line below the level warn so far, which may hide these';
    const hidden = names.filter((name) => !known.includes(name));
    return { values, absent: Object.fromEntries(hidden.map((name) => [name, why])) };
  }
}

/** SRS's log, followed. */
export function createSrsLogSource(path: string, nowMs: () => number): Source {
  const follower = new LogFollower(path);
  const counter = new SrsLogCounter();
  let lastAtMs: number | undefined;
  let wasCut = false;
  return {
    name: 'srs.log',
    section: 'srs',
    read: async (signal) => {
      const { cut } = await follower.look((line) => counter.add(line), signal);
      wasCut ||= cut;
      // Nobody hears a late look: what it has counted is for the next one.
      signal.throwIfAborted();
      const restarted = wasCut;
      wasCut = false;
      const atMs = nowMs();
      const spanMs = lastAtMs === undefined ? undefined : atMs - lastAtMs;
      lastAtMs = atMs;
      if (spanMs === undefined) return { values: {} };
      return { ...counter.take(), spanMs, restarted };
    },
    close: () => follower.close(),
  };
}
