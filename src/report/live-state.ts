import type { OpenAlert } from '../alerts/engine.js';
import { gaugeNow, type Totals } from '../stats/merge.js';
import type { RecentWindow } from '../stats/recent.js';
import { type GeneratorFacts, invalidReasons, laggedPercent } from '../stats/validity.js';
import { createView } from '../stats/view.js';
import { type ErrorKind, errorKinds } from './error-kinds.js';
import type { LiveFault } from './live-fault.js';

/** Where a run stands, as far as its ticks say it. */
export interface LiveInput {
  readonly profile: string;
  readonly folder: string;
  /** Empty before and after the plan's phases. */
  readonly phase: string;
  readonly elapsedMs: number;
  readonly totalMs: number;
  /** The signal after which everyone leaves. */
  readonly leaving?: string;
  /** Viewers that the plan wants on the platform now. */
  readonly wantedVus: number;
  readonly totals: Totals;
  readonly recent: RecentWindow;
  readonly facts: GeneratorFacts;
  /** Absent = nothing is broken on purpose, nor was of late. */
  readonly fault?: LiveFault | undefined;
  /** Alerts of the platform that hold, or of which nothing is known any more; absent = nobody watches it. */
  readonly alerts?: readonly OpenAlert[] | undefined;
  /** Absent = the run goes on one machine. */
  readonly boxes?: readonly LiveBox[] | undefined;
}

/** `over`: all its viewers have left, and it has said so. */
export type LiveBoxState = 'here' | 'late' | 'lost' | 'over';

/** One load box of a run over many, as it stands now. What is not known is absent. */
export interface LiveBox {
  readonly id: string;
  readonly host: string;
  readonly cores: number;
  /** Its share of the viewers. */
  readonly vus: number;
  readonly state: LiveBoxState;
  /** Since when it is late or lost, run ms. */
  readonly sinceMs?: number;
  /** Why it counts as lost. */
  readonly why?: string;
  /** It was lost, and is back. */
  readonly wasLost: boolean;
  readonly watching?: number | undefined;
  /** Worst thread's event-loop delay p99 of its last tick, ms. */
  readonly loopMs?: number | undefined;
  /** Of the last seconds. */
  readonly cpuCores?: number | undefined;
  /** To be added to its clock to read the coordinator's, and the error of that, ms. */
  readonly clock?: { readonly offsetMs: number; readonly errorMs: number | undefined } | undefined;
}

export type Health = 'ok' | 'strained' | 'invalid';

/** What is shown while a run goes, as numbers: absent = unknown yet. Pure data. */
export interface LiveState
  extends Pick<
    LiveInput,
    'profile' | 'folder' | 'phase' | 'elapsedMs' | 'totalMs' | 'leaving' | 'fault' | 'alerts' | 'boxes'
  > {
  readonly wanted: number;
  readonly joined: number;
  readonly watching: number;
  readonly lost: number;
  /** p95 over the run so far, ms. */
  readonly firstFrameMs: ByProtocol;
  readonly rebuffering: number;
  readonly frozen: number;
  readonly rebuffers: number;
  /** p95 of the last seconds, ms. */
  readonly delayMs: ByProtocol;
  /** How well the clocks are known that the delay rests on, ms; absent = there is no delay. */
  readonly clockUncertaintyMs: number | 'unknown' | undefined;
  readonly chatMs: number | undefined;
  /** Most frequent first. */
  readonly errors: readonly ErrorKind[];
  readonly generator: GeneratorState;
}

export interface ByProtocol {
  readonly flv: number | undefined;
  readonly hls: number | undefined;
}

export interface GeneratorState {
  readonly health: Health;
  /** Why the run would be invalid if it ended now. */
  readonly why?: string;
  /** Worst worker's event-loop delay p99 of its last tick, ms. */
  readonly loopMs: number | undefined;
  /** Of the last seconds. */
  readonly cpuMsPerViewerSecond: number | undefined;
  readonly rssBytes: number | undefined;
  /** Viewer-time of the run that our own event loops held up, %. */
  readonly laggedPct: number | undefined;
}

/** Reads a run's state off what its workers have sent so far. */
export function liveStateOf(input: LiveInput): LiveState {
  const { profile, folder, phase, elapsedMs, totalMs, leaving, totals, recent, boxes } = input;
  const lost = lostBoxes(boxes);
  const view = createView(totals);
  const firstFrame = (protocol: 'flv' | 'hls'): number | undefined =>
    view.spread('first_frame_ms', { protocol }).percentileMs(95);
  return {
    ...{ profile, folder, phase, elapsedMs, totalMs },
    ...(leaving === undefined ? {} : { leaving }),
    ...(input.fault === undefined ? {} : { fault: input.fault }),
    ...(input.alerts === undefined ? {} : { alerts: input.alerts }),
    ...(boxes === undefined ? {} : { boxes }),
    wanted: input.wantedVus,
    joined: gaugeNow(totals, 'vus_joined_count', lost) ?? 0,
    watching: gaugeNow(totals, 'vus_watching_count', lost) ?? 0,
    lost: view.count('vu_lost_count'),
    firstFrameMs: { flv: firstFrame('flv'), hls: firstFrame('hls') },
    rebuffering: gaugeNow(totals, 'vus_rebuffering_count', lost) ?? 0,
    frozen: gaugeNow(totals, 'vus_frozen_count', lost) ?? 0,
    rebuffers: view.count('rebuffer_count'),
    delayMs: { flv: recent.p95Ms('latency_ms', 'flv'), hls: recent.p95Ms('latency_ms', 'hls') },
    clockUncertaintyMs: clockUncertaintyOf(recent),
    chatMs: recent.p95Ms('chat_delivery_since_due_ms', '-'),
    errors: errorKinds((metric) => ({ total: view.count(metric), byLabel: view.byLabel(metric) })),
    generator: generatorOf(input),
  };
}

/** Boxes of which nobody knows what they do now. */
export function lostBoxes(boxes: readonly LiveBox[] = []): ReadonlySet<string> {
  return new Set(boxes.filter(({ state }) => state === 'lost').map(({ id }) => id));
}

function clockUncertaintyOf(recent: RecentWindow): number | 'unknown' | undefined {
  if (recent.count('latency_unknown_clock_count') > 0) return 'unknown';
  const known = (['flv', 'hls'] as const).flatMap(
    (protocol) => recent.maxMs('latency_uncertainty_ms', protocol) ?? [],
  );
  return known.length === 0 ? undefined : Math.max(...known);
}

/** Half of the limits that make a run invalid. */
const STRAINED_LAGGED_PCT = 0.5;
const STRAINED_LOOP_MS = 25;

function generatorOf({ totals, recent, facts, boxes }: LiveInput): GeneratorState {
  const lost = lostBoxes(boxes);
  const loopMs = gaugeNow(totals, 'event_loop_delay_p99_ms', lost);
  const laggedPct = laggedPercent(createView(totals).count('lagged_viewer_ms'), totals);
  const laggedNowPct = laggedPercent(recent.count('lagged_viewer_ms'), recent);
  const [reason] = invalidReasons(totals, facts);
  const strained =
    (loopMs ?? 0) > STRAINED_LOOP_MS || Math.max(laggedPct ?? 0, laggedNowPct ?? 0) > STRAINED_LAGGED_PCT;
  return {
    health: reason ? 'invalid' : strained ? 'strained' : 'ok',
    ...(reason ? { why: reason.text } : {}),
    loopMs,
    cpuMsPerViewerSecond:
      recent.watchingMs > 0 ? recent.count('generator_cpu_ms') / (recent.watchingMs / 1000) : undefined,
    rssBytes: gaugeNow(totals, 'rss_bytes', lost),
    laggedPct,
  };
}
