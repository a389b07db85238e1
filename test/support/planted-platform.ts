import type { PlayerEvent, Protocol, SessionEvent, ViewerEvent } from '../../src/events.js';
import { createRng, type Rng } from '../../src/rng.js';
import { createAgenda, type Rates } from '../../src/scenarios/agenda.js';
import { phaseAt } from '../../src/scenarios/plan.js';
import { Capacity } from '../../src/stage/capacity.js';
import { FaultBoard } from '../../src/stage/fault-board.js';
import { parseFaultFlag } from '../../src/stage/fault-spec.js';
import { createLagLog } from '../../src/stats/lag.js';
import { createRecorder, type Recorder } from '../../src/stats/recorder.js';
import type { Tick } from '../../src/stats/tick.js';
import type { HeldStep } from './escalation-world.js';
import { LATENCY, WATCHED } from './measured.js';
import { VirtualClock } from './virtual-clock.js';

/** What is wrong with a platform, and with the machine that loads it. */
export interface Planted {
  /** As `--stage-fault` takes them, e.g. `cap-sockets:count=17`. */
  readonly faults?: readonly string[];
  readonly rates: Rates;
  readonly seed: number;
  /** Beyond so many viewers our own event loop is held up. */
  readonly generatorVus?: number;
  /** The same up to so many; absent = however many there are. */
  readonly generatorUntilVus?: number;
  /** A level that the machine spoils when it is measured for the first time: all viewers stall for a moment. */
  readonly hiccupAtVus?: number;
}

/** One viewer's page while a step lasts. */
interface Page {
  readonly vu: number;
  readonly protocol: Protocol;
  readonly rng: Rng;
  /** Media that is there and was not shown yet, ms. */
  bufferMs: number;
  /** How far it is behind what it would be with enough bandwidth, ms. */
  behindMs: number;
}

/** What a player holds ahead of the playhead; a live stream has no more. */
const BUFFER_MS: Readonly<Record<Protocol, number>> = { flv: 1000, hls: 6000 };
const LATENCY_MS: Readonly<Record<Protocol, number>> = { flv: 1300, hls: 4500 };
const FIRST_FRAME_MS: Readonly<Record<Protocol, number>> = { flv: 300, hls: 900 };
const SEGMENT_MS = 2000;
const HICCUP_MS = 3000;
const NAMESPACES = ['/', '/chat', '/streaming'] as const;

type Happening = {
  readonly atMs: number;
  readonly page: Page;
  readonly what: 'join' | 'second' | 'call' | 'chat';
};

/**
 * A platform of numbers: who comes, calls and watches meets the stage's own limits one after the other, in the order of
 * time, and everything is told event by event to a worker's recorder.
 */
export function plantedPlatform(planted: Planted): (step: HeldStep) => readonly Tick[] {
  const clock = new VirtualClock({ startEpochMs: 0 });
  const board = new FaultBoard(clock);
  let nowMs = 0;
  let pages: Page[] = [];
  const watching = new Map<Page, Protocol>();
  const connected = new Set<Page>();
  const count = (protocol: Protocol) => () => [...watching.values()].filter((one) => one === protocol).length;
  const capacity = new Capacity({
    ...{ faults: board, clock: { epochMs: () => nowMs }, flvViewers: count('flv'), hlsViewers: count('hls') },
  });
  for (const fault of planted.faults ?? []) board.plant(parseFaultFlag(fault));
  let plan: HeldStep['plan'] | undefined;
  const recorder = createRecorder({
    phaseAt: (atMs) => (plan && phaseAt(plan.phases, atMs)?.name) ?? 'other',
    ...{ lag: createLagLog(), box: 'local', worker: 0 },
  });

  const join = (page: Page, tell: Tell): void => {
    const { protocol, rng } = page;
    tell({ kind: 'vu_started' });
    const isIn = capacity.refusesSocket(connected.size) ? refusedSocket(tell) : openSockets(rng, tell);
    if (isIn) connected.add(page);
    tell({ kind: 'play_attempt', protocol });
    if (capacity.refusesMedia()) {
      refusedMedia(protocol, tell);
      return;
    }
    watching.set(page, protocol);
    const firstMs = (FIRST_FRAME_MS[protocol] * (0.8 + 0.4 * rng.next())) / capacity.mediaShare();
    tell({ kind: 'first_frame', protocol, sinceStartMs: firstMs });
    if (isIn) tell({ kind: 'vu_joined', sinceStartMs: firstMs });
  };

  const call = ({ rng }: Page, tell: Tell): void => {
    const status = capacity.refusesCall();
    const durationMs = 10 + 30 * rng.next();
    const answer = status === undefined ? ({ outcome: 'ok', status: 200 } as const) : refusal(status);
    tell({ kind: 'api_call', call: 'products', write: false, ...answer, durationMs, sinceDueMs: durationMs });
  };

  const chat = (page: Page, tell: Tell): void => {
    if (!connected.has(page)) {
      tell({ kind: 'chat_not_sent', reason: 'not_joined' });
      return;
    }
    const delay = { deliveryMs: 10, sinceDueMs: 12 };
    tell({ kind: 'chat_sent', expectedOthers: connected.size - 1 });
    tell({ kind: 'chat_echo', ...delay });
    for (let other = 1; other < connected.size; other++) tell({ kind: 'chat_delivered', ...delay });
  };

  return (step) => {
    plan = step.plan;
    if (step.fromVus === 0) {
      pages = [];
      watching.clear();
      connected.clear();
    }
    const comers = comersOf(step, planted.seed);
    pages.push(...comers.map(({ page }) => page));
    const cameAtMs = new Map(comers.map(({ page, atMs }) => [page, atMs]));
    const happenings = [
      ...comers.map(({ page, atMs }): Happening => ({ what: 'join', page, atMs })),
      ...pages.flatMap((page) => actionsOf(page, step, cameAtMs.get(page) ?? step.rise.fromMs, planted)),
    ].sort((a, b) => a.atMs - b.atMs);
    const spoilt = step.vus === planted.hiccupAtVus && step.turn === 1 ? step.hold.fromMs + 5000 : undefined;
    for (const { what, page, atMs } of happenings) {
      nowMs = atMs;
      const tell = tellerOf(recorder, page, atMs);
      if (what === 'join') join(page, tell);
      else if (what === 'call') call(page, tell);
      else if (what === 'chat') chat(page, tell);
      else if (watching.has(page)) {
        const starves = page.protocol === 'hls' && capacity.refusesMedia() ? 0 : capacity.mediaShare();
        const isSpoilt = spoilt !== undefined && atMs >= spoilt && atMs < spoilt + HICCUP_MS;
        second(page, isSpoilt ? -1 : starves, tell, atMs);
      }
    }
    const { generatorVus = Number.POSITIVE_INFINITY, generatorUntilVus = Number.POSITIVE_INFINITY } = planted;
    const isHeldUp = step.vus > generatorVus && step.vus <= generatorUntilVus;
    for (let atMs = step.hold.fromMs; atMs < step.hold.toMs; atMs += 100)
      recorder.observe('event_loop_delay_ms', isHeldUp ? 120 : 2, atMs);
    return ticksOf(recorder, step.hold.toMs);
  };
}

type WithoutTime<E> = E extends unknown ? Omit<E, 'atMs'> : never;
type Tell = (event: WithoutTime<PlayerEvent> | WithoutTime<SessionEvent>) => void;

function tellerOf(recorder: Recorder, { vu, protocol }: Page, atMs: number): Tell {
  return (event) => {
    const told = { ...event, atMs: atMs + ('sinceStartMs' in event ? event.sinceStartMs : 0) } as ViewerEvent;
    recorder.on({ vuId: vu, joinProtocol: protocol, event: told });
  };
}

function openSockets(rng: Rng, tell: Tell): true {
  for (const namespace of NAMESPACES) {
    tell({ kind: 'socket_ready', namespace, sinceOpenMs: 20 + 30 * rng.next() });
    tell({ kind: 'join_attempt', namespace });
    tell({ kind: 'join_confirmed', namespace, sinceAttemptMs: 5 });
  }
  return true;
}

function refusedSocket(tell: Tell): false {
  tell({ kind: 'socket_failed', namespace: '/', reason: 'connect_error' });
  tell({ kind: 'socket_gave_up' });
  tell({ kind: 'vu_lost', reason: 'socket' });
  return false;
}

/** A player of HTTP-FLV tries HLS before it gives up. */
function refusedMedia(protocol: Protocol, tell: Tell): void {
  tell({ kind: 'start_failed', protocol, reason: 'http_status', status: 502 });
  if (protocol === 'flv') {
    tell({ kind: 'play_attempt', protocol: 'hls' });
    tell({ kind: 'start_failed', protocol: 'hls', reason: 'http_status', status: 502 });
  }
  tell({ kind: 'player_dead', protocol: 'hls', reason: 'http_status' });
  tell({ kind: 'vu_lost', reason: 'player' });
}

function refusal(status: number) {
  return { outcome: status === 503 ? 'proxy_limit' : 'throttled', status } as const;
}

/** What a second of watching comes to when `share` of the stream arrives; below 0 = the player itself is held up. */
function second(page: Page, share: number, tell: Tell, atMs: number): void {
  const { protocol } = page;
  const arrived = Math.max(0, share);
  page.behindMs = Math.min(8000, page.behindMs + (1 - arrived) * 1000);
  // A live player that got everything again comes back to the edge.
  if (share >= 1) page.behindMs = Math.max(0, page.behindMs - 500);
  page.bufferMs = Math.min(BUFFER_MS[protocol], page.bufferMs + arrived * 1000) - 1000;
  const stalledMs = share < 0 ? 1000 : Math.max(0, -page.bufferMs);
  page.bufferMs = Math.max(0, page.bufferMs);
  if (stalledMs >= 100) {
    const startedAtMs = atMs;
    tell({ kind: 'rebuffer_started', protocol, startedAtMs });
    tell({ kind: 'rebuffer_ended', protocol, startedAtMs, durationMs: stalledMs, cutOff: false });
  }
  const segments = protocol === 'hls' ? { segments: arrived / 2 >= 0.5 ? 1 : 0 } : { tags: 73 };
  tell({ ...WATCHED, ...segments, protocol, playedMs: 1000 - stalledMs, stalledMs });
  if (stalledMs < 1000)
    tell({
      ...LATENCY,
      protocol,
      latencyMs: LATENCY_MS[protocol] * (0.9 + 0.2 * page.rng.next()) + page.behindMs,
    });
  if (protocol === 'hls' && atMs % SEGMENT_MS < 1000)
    tell({
      kind: 'segment_listed',
      protocol,
      captureEpochMs: atMs - (atMs % SEGMENT_MS),
      listedAfterMs: 1100,
    });
}

interface Comer {
  readonly page: Page;
  readonly atMs: number;
}

function comersOf({ plan, rise, fromVus, vus }: HeldStep, seed: number): Comer[] {
  return Array.from({ length: vus - fromVus }, (_, index) => {
    const vu = fromVus + index;
    const protocol = plan.protocolOf(vu);
    const rng = createRng(seed, `page-${vu}-${rise.name}`);
    const page = { vu, protocol, rng, bufferMs: BUFFER_MS[protocol], behindMs: 0 };
    return { page, atMs: rise.fromMs + ((index + 0.5) * (rise.toMs - rise.fromMs)) / (vus - fromVus) };
  });
}

/** What one page does from its join, or from the begin of the rise, to the end of the hold. */
function actionsOf(
  page: Page,
  { rise, hold }: HeldStep,
  fromMs: number,
  { seed, rates }: Planted,
): Happening[] {
  const happenings: Happening[] = [];
  for (let atMs = fromMs + 1000; atMs < hold.toMs; atMs += 1000)
    happenings.push({ what: 'second', page, atMs });
  const agenda = createAgenda({ rng: createRng(seed, `${page.vu}-${rise.name}`), joinAtMs: fromMs, rates });
  for (let next = agenda.next(); next && next.dueMs < hold.toMs; next = agenda.next())
    happenings.push({ what: next.action === 'chat' ? 'chat' : 'call', page, atMs: next.dueMs });
  return happenings;
}

/** Everything that waits in the recorder. */
function ticksOf(recorder: Recorder, nowMs: number): Tick[] {
  const ticks: Tick[] = [];
  for (;;) {
    const [tick] = recorder.takeTick(nowMs);
    if (tick === undefined) return ticks;
    ticks.push(tick);
    if (Object.keys(tick.counters).length === 0 && Object.keys(tick.histograms).length === 0) return ticks;
  }
}
