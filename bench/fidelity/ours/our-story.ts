import type { PlayerEvent } from '../../../src/events.js';
import type { EndState, LatencyPoint, Seek, Span, Story } from '../story.js';
import type { OurRaw } from './raw.js';

const FROZEN_MIN_MS = 150;
/** After `playing` the clock begins to run this much later. */
const START_LAG_MS = 40;
const FROZEN_AT_END_MS = 500;
const MAX_NOTES = 20;

type Of<K extends PlayerEvent['kind']> = Extract<PlayerEvent, { kind: K }>;

/** What our viewer says its person saw; `zeroMs` is the session's zero on the clock of the events. Pure. */
export function ourStory(raw: OurRaw, zeroMs: number): Story {
  const at = (ms: number): number => ms - zeroMs;
  const of = <K extends PlayerEvent['kind']>(kind: K): readonly Of<K>[] =>
    raw.events.filter((event): event is Of<K> => event.kind === kind);
  const firstFrame = of('first_frame')[0];
  const playing = of('playing')[0];
  const waits = waitsOf(of('rebuffer_ended'), of('micro_wait'), at);
  const frozen = frozenOf(of('frozen'), playing, of('moving'), waits, raw, at);
  const fellBack = of('protocol_switched')[0];
  return {
    side: raw.side,
    startedMs: at(raw.startedMs),
    ...(firstFrame === undefined ? {} : { firstFrameMs: firstFrame.atMs - raw.startedMs }),
    ...(playing === undefined ? {} : { playingMs: playing.atMs - raw.startedMs }),
    waits,
    frozen,
    latency: latencyOf(of('latency'), waits, at),
    seeks: of('seek').map((event) => seekOf(event, at)),
    skippedMs: of('seek').reduce((sum, event) => sum + event.skippedMs, 0),
    replayedMs: of('seek').reduce((sum, event) => sum + event.replayedMs, 0),
    reloadsAtMs: of('player_reload').map((event) => at(event.atMs)),
    ...(fellBack === undefined ? {} : { fellBackAtMs: at(fellBack.atMs) }),
    protocolAtEnd: raw.protocolAtEnd,
    endState: endStateOf(raw, waits, frozen, playing !== undefined, of('player_dead').length > 0),
    watchedMs: at(raw.stoppedMs),
    notes: notesOf(raw.events, at),
  };
}

function waitsOf(
  rebuffers: readonly Of<'rebuffer_ended'>[],
  micro: readonly Of<'micro_wait'>[],
  at: (ms: number) => number,
): readonly Span[] {
  const long = rebuffers.map(({ startedAtMs, durationMs, cutOff }) => ({
    fromMs: at(startedAtMs),
    ...(cutOff ? {} : { toMs: at(startedAtMs + durationMs) }),
  }));
  const short = micro.map(({ startedAtMs, durationMs }) => ({
    fromMs: at(startedAtMs),
    toMs: at(startedAtMs + durationMs),
  }));
  return [...long, ...short].sort((a, b) => a.fromMs - b.fromMs);
}

/** Freezes, those between a `playing` and the first picture that moves included. */
function frozenOf(
  freezes: readonly Of<'frozen'>[],
  playing: Of<'playing'> | undefined,
  moving: readonly Of<'moving'>[],
  waits: readonly Span[],
  raw: OurRaw,
  at: (ms: number) => number,
): readonly Span[] {
  const spans: Span[] = freezes.map(({ startedAtMs, durationMs }) => ({
    fromMs: at(startedAtMs),
    ...(startedAtMs + durationMs >= raw.stoppedMs - 1 ? {} : { toMs: at(startedAtMs + durationMs) }),
  }));
  const starts = [
    ...(playing === undefined ? [] : [at(playing.atMs)]),
    ...waits.map(({ toMs }) => toMs).filter((toMs) => toMs !== undefined),
  ];
  for (const { atMs } of moving) {
    const startMs = starts.findLast((ms) => ms <= at(atMs));
    if (startMs === undefined) continue;
    const fromMs = startMs + START_LAG_MS;
    const known = spans.some((span) => span.fromMs >= startMs && span.fromMs < at(atMs));
    if (!known && at(atMs) - fromMs >= FROZEN_MIN_MS) spans.push({ fromMs, toMs: at(atMs) });
  }
  return spans.sort((a, b) => a.fromMs - b.fromMs);
}

function latencyOf(
  events: readonly Of<'latency'>[],
  waits: readonly Span[],
  at: (ms: number) => number,
): readonly LatencyPoint[] {
  return events
    .map(({ atMs, latencyMs }) => ({ atMs: at(atMs), latencyMs }))
    .filter(({ atMs }) =>
      waits.every(({ fromMs, toMs }) => atMs < fromMs || atMs > (toMs ?? Number.POSITIVE_INFINITY)),
    );
}

function seekOf(event: Of<'seek'>, at: (ms: number) => number): Seek {
  return {
    atMs: at(event.atMs),
    fromMediaMs: event.fromMediaMs,
    toMediaMs: event.toMediaMs,
    cause: event.cause,
  };
}

function endStateOf(
  raw: OurRaw,
  waits: readonly Span[],
  frozen: readonly Span[],
  played: boolean,
  dead: boolean,
): EndState {
  if (dead) return 'dead';
  if (!played) return 'not_started';
  const wait = waits.at(-1);
  if (wait !== undefined && wait.toMs === undefined) return 'stalled';
  const freeze = frozen.at(-1);
  if (freeze === undefined || freeze.toMs !== undefined) return 'playing';
  const lastMs = raw.stoppedMs - raw.startedMs;
  return lastMs - freeze.fromMs >= FROZEN_AT_END_MS ? 'frozen' : 'playing';
}

/** Errors as the player named them. */
function notesOf(events: readonly PlayerEvent[], at: (ms: number) => number): readonly string[] {
  const notes: string[] = [];
  for (const event of events) {
    const ms = Math.round(at(event.atMs));
    if (event.kind === 'playlist_error' || event.kind === 'media_error')
      notes.push(`${ms} ${event.kind} ${event.code}`);
    else if (event.kind === 'start_failed' || event.kind === 'player_dead')
      notes.push(`${ms} ${event.kind} ${event.reason}`);
    else if (event.kind === 'flv_ended') notes.push(`${ms} flv ended: ${event.how}`);
    else if (event.kind === 'media_request' && event.outcome !== 'ok')
      notes.push(`${ms} ${event.what}: ${event.outcome}`);
  }
  return notes.slice(0, MAX_NOTES);
}
