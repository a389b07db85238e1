import type { PlayerEvent, Protocol, SessionEvent } from '../../src/events.js';
import { createRng } from '../../src/rng.js';
import { phaseAt, type Stay } from '../../src/scenarios/plan.js';
import { createLagLog } from '../../src/stats/lag.js';
import { createRecorder } from '../../src/stats/recorder.js';
import type { LongRun } from './long-run.js';
import { LATENCY, WATCHED, type WithoutHead } from './measured.js';
import { flushMicrotasks } from './virtual-clock.js';

/** What a platform does to its viewers at an instant. */
export interface Trouble {
  /** Of an API read. */
  apiMs(atMs: number): number;
  /** Chance that a viewer rebuffers within the ten seconds that it tells of. */
  rebuffers(atMs: number): number;
}

export const NO_TROUBLE: Trouble = { apiMs: () => 20, rebuffers: () => 0 };

/** From one tick to the next: a real run writes one a second, packing it costs more than what is in it. */
const STEP_MS = 10_000;
const NAMESPACES = ['/', '/chat', '/streaming'] as const;

/** Viewers that are but what they report, from the first to the last, into a recorder and the run's intake. */
export class LongCrowd {
  /** What was handed to the recorder, to be found again in the summary. */
  readonly given = { latency: 0, reads: 0, delivered: 0, rebuffers: 0, playedMs: 0 };
  private readonly run: LongRun;
  private readonly trouble: Trouble;
  private readonly recorder;
  private readonly rng = createRng(1, 'crowd');
  private readonly there = new Map<number, Protocol>();
  private readonly stays: readonly (readonly Stay[])[];
  private atMs = 0;

  constructor(run: LongRun, trouble: Trouble) {
    this.run = run;
    this.trouble = trouble;
    this.stays = Array.from({ length: run.config.vus }, (_, vu) => run.plan.staysOf(vu));
    this.recorder = createRecorder({
      ...{ lag: createLagLog(), box: 'local', worker: 0 },
      phaseAt: (atMs) => phaseAt(run.plan.phases, atMs)?.name ?? '',
    });
  }

  async runTo(untilMs: number): Promise<void> {
    for (; this.atMs + STEP_MS <= untilMs; this.atMs += STEP_MS) {
      this.comeAndGo();
      for (const [vu, protocol] of this.there) {
        this.watch(vu, protocol);
      }
      this.talk();
      this.look();
      this.tick(false);
      // What was written has to leave, as it does between the seconds of a real run.
      await flushMicrotasks();
    }
  }

  async end(): Promise<void> {
    await this.runTo(this.run.plan.totalMs + STEP_MS);
    this.tick(true);
    this.run.intake.end(this.atMs);
  }

  private comeAndGo(): void {
    for (const [vu, stays] of this.stays.entries()) {
      const isDue = stays.some(({ joinAtMs, leaveAtMs }) => {
        return joinAtMs < this.atMs + STEP_MS && leaveAtMs > this.atMs;
      });
      if (isDue === this.there.has(vu)) continue;
      if (isDue) this.join(vu, this.run.plan.protocolOf(vu));
      else {
        this.there.delete(vu);
        this.session(vu, { kind: 'vu_left', reason: 'planned' });
      }
    }
  }

  private join(vu: number, protocol: Protocol): void {
    this.there.set(vu, protocol);
    this.session(vu, { kind: 'vu_started' });
    this.player(vu, protocol, { kind: 'play_attempt' });
    this.player(vu, protocol, { kind: 'first_frame', sinceStartMs: 300 });
    for (const namespace of NAMESPACES) {
      this.session(vu, { kind: 'socket_ready', namespace, sinceOpenMs: 30 });
      this.session(vu, { kind: 'join_attempt', namespace });
      this.session(vu, { kind: 'join_confirmed', namespace, sinceAttemptMs: 5 });
    }
    this.session(vu, { kind: 'vu_joined', sinceStartMs: 300 });
  }

  private watch(vu: number, protocol: Protocol): void {
    const { given, rng, trouble, atMs } = this;
    const units = protocol === 'hls' ? { segments: 1 } : { tags: 73 };
    let stalledMs = 0;
    if (rng.next() < trouble.rebuffers(atMs)) {
      given.rebuffers++;
      stalledMs = 300;
      this.player(vu, protocol, { kind: 'rebuffer_started', startedAtMs: atMs });
      const span = { startedAtMs: atMs, durationMs: stalledMs };
      this.player(vu, protocol, { kind: 'rebuffer_ended', ...span, cutOff: false });
    }
    const playedMs = STEP_MS - stalledMs;
    given.playedMs += playedMs;
    this.player(vu, protocol, { ...WATCHED, ...units, playedMs, stalledMs });
    // One each second: it must be known for most of what was played.
    for (let second = 0; second < STEP_MS; second += 1000) {
      given.latency++;
      const latencyMs = (protocol === 'hls' ? 4000 : 900) + 300 * rng.next();
      this.player(vu, protocol, { ...LATENCY, latencyMs });
    }
  }

  /** One message, which reaches all others. */
  private talk(): void {
    const others = this.there.size - 1;
    if (others < 1) return;
    this.session(0, { kind: 'chat_sent', expectedOthers: others });
    this.session(0, { kind: 'chat_echo', deliveryMs: 10, sinceDueMs: 12 });
    for (let vu = 1; vu <= others; vu++) {
      this.given.delivered++;
      this.session(vu, { kind: 'chat_delivered', deliveryMs: 15, sinceDueMs: 17 });
    }
    for (let second = 0; second < STEP_MS; second += 1000) {
      const captureEpochMs = this.atMs + second;
      this.player(0, 'hls', { kind: 'segment_listed', captureEpochMs, listedAfterMs: 1100 });
    }
  }

  private look(): void {
    const looks = Math.round(this.there.size / 30);
    for (let i = 0; i < looks; i++) {
      this.given.reads++;
      this.call(i, false, this.trouble.apiMs(this.atMs) * (0.9 + 0.2 * this.rng.next()));
    }
    if (looks > 0 && this.atMs % 60_000 === 0) this.call(0, true, 20);
  }

  private call(vu: number, write: boolean, durationMs: number): void {
    const call = write ? 'cart_add' : 'products';
    const times = { durationMs, sinceDueMs: durationMs };
    this.session(vu, { kind: 'api_call', call, write, outcome: 'ok', status: 200, ...times });
  }

  private tick(last: boolean): void {
    const { recorder, there, run } = this;
    for (const name of ['vus_active_count', 'vus_joined_count', 'vus_watching_count'] as const)
      recorder.gauge(name, there.size);
    recorder.gauge('connections_open_count', there.size);
    recorder.gauge('sessions_open_count', 3 * there.size);
    for (const tick of recorder.takeTick(this.atMs + STEP_MS, last))
      run.intake.take(0, { kind: 'tick', tick });
  }

  private player(vuId: number, protocol: Protocol, event: WithoutHead<PlayerEvent>): void {
    const whole = { ...event, protocol, atMs: this.atMs } as PlayerEvent;
    this.recorder.on({ vuId, joinProtocol: protocol, event: whole });
  }

  private session(vuId: number, event: WithoutHead<SessionEvent>): void {
    const whole = { ...event, atMs: this.atMs } as SessionEvent;
    this.recorder.on({ vuId, joinProtocol: 'hls', event: whole });
  }
}
