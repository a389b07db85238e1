import { ROW_IDS, rowOf } from '../parity/checklist.js';
import { createView } from '../stats/view.js';
import { formatBytes, formatNumber } from './figures.js';
import type { ReportInput } from './report-input.js';

/** One line of the checklist: `unknown` was not checked, which is not the same as being alike. */
export interface ParityRow {
  readonly component: string;
  readonly production: string;
  readonly here: string;
  readonly state: 'met' | 'differs' | 'unknown';
}

const UNCHECKED = 'not checked (dorami-load parity)';
const STAND_IN = 'none: the stage is a stand-in without it';

/** What of the platform cannot be seen from outside: the rows of the checklist that the strategy writes a value for. */
const HIDDEN: readonly (readonly [string, string])[] = ROW_IDS.map(rowOf).flatMap(({ component, written }) =>
  written === undefined ? [] : [[component, written] as const],
);

const MIN_CORES = 4;
const MIN_MEMORY_BYTES = 4e9;

/** The parity checklist (strategy 4.1) and what the load's own side must have (4.3, 4.4), as far as the run knows it. */
export function parityRows(input: ReportInput): ParityRow[] {
  const { record } = input;
  const unseen = record.embeddedStage ? STAND_IN : UNCHECKED;
  return [
    // What was compared beforehand stands in a table of its own.
    ...(record.parity === undefined ? HIDDEN : []).map(
      ([component, production]): ParityRow => ({
        ...{ component, production, here: unseen },
        state: record.embeddedStage ? 'differs' : 'unknown',
      }),
    ),
    ...mediaRows(input),
    ...generatorRows(input),
  ];
}

/** What viewers can tell of the stream itself. */
function mediaRows({ totals }: ReportInput): ParityRow[] {
  const view = createView(totals);
  const segments = view.count('segment_count', { protocol: 'hls' });
  const hlsPlayedMs = view.count('played_ms', { protocol: 'hls' });
  const flvPlayedMs = view.count('played_ms', { protocol: 'flv' });
  const flvBytes = view.count('received_bytes', { protocol: 'flv' });
  const segmentS = segments > 0 ? hlsPlayedMs / segments / 1000 : undefined;
  const megabits = flvPlayedMs > 0 ? (flvBytes * 8) / flvPlayedMs / 1000 : undefined;
  return [
    {
      component: 'Segments (SRS hls_fragment)',
      production: '1 s',
      here:
        segmentS === undefined
          ? 'not seen: no HLS viewer'
          : `about ${formatNumber(Math.round(segmentS * 10) / 10)} s, seen by viewers`,
      state: segmentS === undefined ? 'unknown' : segmentS > 0.7 && segmentS < 1.4 ? 'met' : 'differs',
    },
    {
      component: 'Bitrate of the stream (4.4)',
      production: 'about 2.6 Mbit/s',
      here:
        megabits === undefined
          ? 'not seen: no FLV viewer'
          : `about ${formatNumber(Math.round(megabits * 10) / 10)} Mbit/s, received by FLV viewers`,
      state: megabits === undefined ? 'unknown' : megabits > 1.9 && megabits < 3.9 ? 'met' : 'differs',
    },
  ];
}

function generatorRows({ record }: ReportInput): ParityRow[] {
  const near = record.embeddedStage || urlsOf(record).some(isLoopback);
  const isShared = near || namesBox(record);
  const { cores, memoryBytes, systems, among } = loadSide(record);
  const isLinux = systems.every((os) => os.startsWith('linux'));
  return [
    {
      component: 'Load from a machine of its own (4.3)',
      production: 'separate from staging',
      here: isShared ? 'no: target and load share a machine' : 'the target is another host',
      state: isShared ? 'differs' : 'met',
    },
    {
      component: 'Cores for the load (4.3)',
      production: '4 or more',
      here: cores === undefined ? 'not recorded' : `${formatNumber(cores)}${among}`,
      state: cores === undefined ? 'unknown' : cores >= MIN_CORES ? 'met' : 'differs',
    },
    {
      component: 'Memory for the load (4.3)',
      production: '4 GB or more',
      here: memoryBytes === undefined ? 'not recorded' : `${formatBytes(memoryBytes)}${among}`,
      state: memoryBytes === undefined ? 'unknown' : memoryBytes >= MIN_MEMORY_BYTES ? 'met' : 'differs',
    },
    {
      component: 'System of the load (4.3)',
      production: 'Linux',
      here: systems.length === 0 ? 'not recorded' : systems.join(', '),
      state: systems.length === 0 ? 'unknown' : isLinux ? 'met' : 'differs',
    },
    {
      component: 'Network between them (4.3)',
      production: 'the same region',
      here: near ? 'loopback: no network at all' : 'not checked',
      state: near ? 'differs' : 'unknown',
    },
  ];
}

interface LoadSide {
  readonly cores?: number | undefined;
  readonly memoryBytes?: number | undefined;
  /** Each once; empty = nobody said, or not all did. */
  readonly systems: readonly string[];
  /** ` on 3 machines`, where they are many. */
  readonly among: string;
}

/** What made the load: this machine, or all load boxes together and never their coordinator. Boxes of one host name are one machine. */
function loadSide({ host, fleet }: ReportInput['record']): LoadSide {
  if (fleet === undefined) {
    const { usable, os } = host;
    return { ...usable, systems: os === undefined ? [] : [os], among: '' };
  }
  const machines = [...new Map(fleet.boxes.map((box) => [box.hostname, box])).values()];
  const known = machines.flatMap(({ os }) => os ?? []);
  return {
    cores: machines.reduce((sum, { cores }) => sum + cores, 0),
    memoryBytes: machines.reduce((sum, { memoryBytes }) => sum + memoryBytes, 0),
    systems: known.length < machines.length ? [] : [...new Set(known)],
    among: machines.length === 1 ? '' : ` on ${machines.length} machines`,
  };
}

function urlsOf({ target: { apiUrl, socketUrl, flvUrl, hlsUrl } }: ReportInput['record']): string[] {
  return [apiUrl, socketUrl, flvUrl, hlsUrl];
}

/** Whether the target has the host name of a load box. */
function namesBox(record: ReportInput['record']): boolean {
  const targets = urlsOf(record).flatMap((url) => (URL.canParse(url) ? [new URL(url).hostname] : []));
  return record.fleet?.boxes.some(({ hostname }) => targets.includes(hostname.toLowerCase())) ?? false;
}

function isLoopback(url: string): boolean {
  return /^https?:\/\/(?:localhost|127\.\d+\.\d+\.\d+|\[::1\])(?:[:/]|$)/.test(url);
}
