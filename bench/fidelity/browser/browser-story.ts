import type { EndState, LatencyPoint, Seek, Span, Story } from '../story.js';
import type { RawLog, SessionTruth } from './raw-log.js';
import { type Running, runningMs, runningSpans, runningWithin } from './running-clock.js';

const FROZEN_MIN_MS = 150;
const LATENCY_EVERY_MS = 500;
/** A picture this fresh is the one at the position; an older one is a frozen picture. */
const FRESH_MS = 100;
const FRAME_MS = 1000 / 30;
/** Pictures may be dropped or repeated by this much without anything having been skipped. */
const SLACK_MS = 100;
/** No picture for this long before the end although the clock runs. */
const FROZEN_AT_END_MS = 500;
const MAX_NOTES = 20;

/** What a person in front of the browser saw. Pure. */
export function browserStory(raw: RawLog, truth: SessionTruth): Story {
  const at = (pageMs: number): number => pageMs - truth.zeroMs;
  const playingMs = raw.events.find(([, name]) => name === 'playing')?.[0];
  const firstFrameMs = raw.frames[0]?.[0];
  const running = runningSpans(raw.ticks);
  const waits = playingMs === undefined ? [] : waitsOf(raw, playingMs);
  const frozen = playingMs === undefined ? [] : frozenOf(raw, running, playingMs);
  const spanAt = ({ fromMs, toMs }: Span): Span => ({
    fromMs: at(fromMs),
    ...(toMs === undefined ? {} : { toMs: at(toMs) }),
  });
  return {
    side: 'browser',
    startedMs: at(raw.startedMs),
    ...(firstFrameMs === undefined ? {} : { firstFrameMs: firstFrameMs - raw.startedMs }),
    ...(playingMs === undefined ? {} : { playingMs: playingMs - raw.startedMs }),
    waits: waits.map(spanAt),
    frozen: frozen.map(spanAt),
    latency: latencyOf(raw, truth, running, waits),
    seeks: playingMs === undefined ? [] : seeksOf(raw, playingMs, at),
    ...movedPictures(raw, running),
    reloadsAtMs: raw.reloadsMs.map(at),
    ...(raw.fellBackMs === null ? {} : { fellBackAtMs: at(raw.fellBackMs) }),
    protocolAtEnd: raw.protocolAtEnd,
    endState: endStateOf(raw, waits, frozen, playingMs),
    watchedMs: at(raw.stoppedMs),
    notes: raw.notes.slice(0, MAX_NOTES).map(([ms, text]) => `${Math.round(at(ms))} ${text}`),
  };
}

/**
 * From `waiting`, a seek or the loss of the source to the next `playing`. After `ended` no `waiting` comes, but to
 * the person the picture stands just the same: it is a wait if playing begins again.
 */
function waitsOf(raw: RawLog, playingMs: number): readonly Span[] {
  const waits: Span[] = [];
  let fromMs: number | undefined;
  for (const [ms, name] of raw.events) {
    if (ms < playingMs) continue;
    if (name === 'waiting' || name === 'seeking' || name === 'emptied' || name === 'ended') fromMs ??= ms;
    else if (name === 'playing' && fromMs !== undefined) {
      waits.push({ fromMs, toMs: ms });
      fromMs = undefined;
    }
  }
  if (fromMs !== undefined && !raw.atEnd.ended) waits.push({ fromMs });
  return waits;
}

/** The clock ran and no picture came. A picture that is due stands for its own duration first. */
function frozenOf(raw: RawLog, running: readonly Running[], playingMs: number): readonly Span[] {
  const frozen: Span[] = [];
  for (let i = 0; i < raw.frames.length; i++) {
    const [shownMs] = raw.frames[i] as RawLog['frames'][number];
    const nextMs = raw.frames[i + 1]?.[0];
    const toMs = nextMs ?? raw.stoppedMs;
    if (toMs - shownMs < FROZEN_MIN_MS + FRAME_MS) continue;
    for (const span of runningWithin(running, Math.max(shownMs + FRAME_MS, playingMs), toMs)) {
      if (span.toMs - span.fromMs < FROZEN_MIN_MS) continue;
      const open = nextMs === undefined && raw.stoppedMs - span.toMs < SLACK_MS;
      frozen.push(open ? { fromMs: span.fromMs } : span);
    }
  }
  return frozen;
}

function latencyOf(
  raw: RawLog,
  truth: SessionTruth,
  running: readonly Running[],
  waits: readonly Span[],
): readonly LatencyPoint[] {
  const points: LatencyPoint[] = [];
  const waiting = (ms: number): boolean =>
    waits.some(({ fromMs, toMs }) => ms >= fromMs && ms <= (toMs ?? raw.stoppedMs));
  let shown = 0;
  for (let ms = raw.startedMs + LATENCY_EVERY_MS; ms <= raw.stoppedMs; ms += LATENCY_EVERY_MS) {
    while ((raw.frames[shown + 1]?.[0] ?? Number.POSITIVE_INFINITY) <= ms) shown += 1;
    const frame = raw.frames[shown];
    if (frame === undefined || frame[0] > ms || waiting(ms)) continue;
    if (!running.some((span) => ms >= span.fromMs && ms <= span.toMs)) continue;
    const captureMs = truth.captureMs(frame[1]);
    if (captureMs === undefined) continue;
    const atMs = ms - truth.zeroMs;
    // Between two pictures the position is ahead of the older one; a picture that stands is the picture it is.
    const aheadMs = ms - frame[0] < FRESH_MS ? positionMs(raw.ticks, ms) - frame[2] * 1000 : 0;
    points.push({ atMs, latencyMs: atMs - captureMs - aheadMs });
  }
  return points;
}

/** Position of the element's clock at `ms`, by its last tick, ms. */
function positionMs(ticks: RawLog['ticks'], ms: number): number {
  const tick = ticks.findLast(([tickMs]) => tickMs <= ms);
  return tick === undefined ? 0 : tick[1] * 1000 + (ms - tick[0]);
}

/** Where a player that was loaded anew begins is no seek. */
function seeksOf(raw: RawLog, playingMs: number, at: (ms: number) => number): readonly Seek[] {
  return raw.seeks
    .filter(([ms]) => ms > playingMs && !isLoading(raw, ms))
    .map(([ms, fromS, toS]) => ({ atMs: at(ms), fromMediaMs: fromS * 1000, toMediaMs: toS * 1000 }));
}

/** Between the loss of the source and the next `playing`, or on the way to that loss. */
function isLoading({ events }: RawLog, atMs: number): boolean {
  const before = events.findLast(([ms, name]) => ms <= atMs && (name === 'emptied' || name === 'playing'));
  const after = events.find(([ms, name]) => ms > atMs && (name === 'emptied' || name === 'playing'));
  return before?.[1] === 'emptied' || after?.[1] === 'emptied';
}

/** Frame numbers that jumped further than the clock ran, and those that came again. */
function movedPictures(
  raw: RawLog,
  running: readonly Running[],
): { readonly skippedMs: number; readonly replayedMs: number } {
  let skippedMs = 0;
  let replayedMs = 0;
  let newest: number | undefined;
  let before: RawLog['frames'][number] | undefined;
  for (const frame of raw.frames) {
    const [shownMs, number] = frame;
    if (number < 0) continue;
    if (newest !== undefined && number <= newest && before?.[1] !== number) replayedMs += FRAME_MS;
    if (newest !== undefined && before !== undefined && number > newest + 1) {
      const jumpedMs = (number - newest) * FRAME_MS - runningMs(running, before[0], shownMs);
      if (jumpedMs > SLACK_MS) skippedMs += jumpedMs;
    }
    newest = Math.max(newest ?? number, number);
    before = frame;
  }
  return { skippedMs, replayedMs };
}

function endStateOf(
  raw: RawLog,
  waits: readonly Span[],
  frozen: readonly Span[],
  playingMs: number | undefined,
): EndState {
  if (raw.deadMs !== null) return 'dead';
  if (playingMs === undefined) return 'not_started';
  if (raw.atEnd.ended) return 'ended';
  const wait = waits.at(-1);
  if (wait !== undefined && wait.toMs === undefined) return 'stalled';
  const freeze = frozen.at(-1);
  const frozenNow = freeze !== undefined && freeze.toMs === undefined;
  return frozenNow && raw.stoppedMs - freeze.fromMs >= FROZEN_AT_END_MS ? 'frozen' : 'playing';
}
