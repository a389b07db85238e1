import type { Condition } from '../script.js';
import type { Side } from '../story.js';
import { createBreath } from './breathe.js';
import { type FlvPlan, planFlv } from './flv-plan.js';
import { type HlsAnswer, HlsDialogue } from './hls-dialogue.js';
import type { HlsTimeline } from './hls-timeline.js';
import { Link } from './link.js';
import type { OriginClock } from './origin-clock.js';
import { type OutSocket, playOut, type Score } from './playing-out.js';
import type { Programme } from './programme.js';
import { flvHeadText, hlsHeadText, LAST_CHUNK } from './response-heads.js';
import { restamp } from './stamps.js';

/** One request that the origin got, times in ms since the session's zero. */
export interface RequestNote {
  readonly atMs: number;
  readonly name: string;
  readonly status: number;
  /** When the last byte was written or the connection closed; absent while it goes on. */
  endedMs?: number;
}

export interface SessionReport {
  readonly key: string;
  readonly side: Side;
  /** CLOCK_MONOTONIC of the first media request; absent before it. */
  readonly zeroMonotonicMs?: number;
  /** The same instant on this machine's wall clock; what the stamps are written with. */
  readonly zeroEpochMs?: number;
  /** Number on the picture -> ms since zero at which it was taken. */
  readonly captureMs: (frame: number) => number | undefined;
  readonly requests: readonly RequestNote[];
  /** Longest that a piece was late or the event loop stood still since zero, ms. */
  readonly lagMs: number;
}

/** What a condition's media is made of; shared by all sessions of the condition. */
export interface Stock {
  readonly condition: Condition;
  readonly programme: Programme;
  readonly timeline: HlsTimeline;
  /** The connection that comes at zero, prepared. */
  readonly firstFlv: FlvPlan;
}

const MOST_NOTES = 2000;

/** One viewer's stream: its zero is its first media request, and all that it gets is fixed from there on. */
export class OriginSession {
  readonly key: string;
  readonly side: Side;
  readonly #stock: Stock;
  readonly #clock: OriginClock;
  readonly #dialogue: HlsDialogue;
  readonly #link: Link;
  readonly #notes: RequestNote[] = [];
  readonly #sockets = new Set<OutSocket>();
  #zeroMonotonicMs: number | undefined;
  #zeroEpochMs = 0;
  #lagMs = 0;

  constructor(key: string, side: Side, stock: Stock, clock: OriginClock) {
    this.key = key;
    this.side = side;
    this.#stock = stock;
    this.#clock = clock;
    this.#dialogue = new HlsDialogue(stock.condition, stock.timeline, key);
    this.#link = new Link(stock.condition.script.path.link, stock.timeline.bytesPerMs);
  }

  /** A request of the session's FLV stream. */
  async flv(socket: OutSocket): Promise<void> {
    const requestMs = this.#arrive(socket);
    const { condition, programme, firstFlv } = this.#stock;
    const note = this.#note(requestMs, `${this.key}.flv`, 200);
    const plan =
      requestMs === 0
        ? firstFlv
        : await planFlv(programme, condition.script, condition.seed, requestMs, createBreath());
    const head = Buffer.from(flvHeadText(), 'latin1');
    const bytes = Buffer.concat([head, plan.bytes]);
    restamp(bytes, programme.captureMs, this.#zeroEpochMs);
    const writes = plan.writes.map(({ atMs, from, to }, index) => ({
      atMs,
      from: index === 0 ? 0 : from + head.length,
      to: to + head.length,
    }));
    const end = plan.end && { atMs: plan.end.atMs, words: plan.end.how === 'clean' ? LAST_CHUNK : '' };
    this.#play(socket, { bytes, writes, ...(end && { end }) }, note);
  }

  /** A request of file `name` of the session's HLS. */
  hls(socket: OutSocket, name: string, context: string | null): void {
    const requestMs = this.#arrive(socket);
    const answer = this.#dialogue.answer(name, context, requestMs);
    const note = this.#note(requestMs, name, answer.status);
    const leave = (): void => this.#leave(socket, answer, note, requestMs + answer.waitMs);
    // Only when it is its turn may it take its place on the link: others pass meanwhile.
    if (answer.waitMs <= 0) leave();
    else socket.once('close', this.#clock.after(answer.waitMs, leave));
  }

  report(): SessionReport {
    const zero = this.#zeroMonotonicMs;
    return {
      key: this.key,
      side: this.side,
      ...(zero === undefined ? {} : { zeroMonotonicMs: zero, zeroEpochMs: this.#zeroEpochMs }),
      captureMs: (frame) => this.#stock.programme.captureMs.get(frame),
      requests: this.#notes,
      lagMs: this.#lagMs,
    };
  }

  /** The event loop stood still for this long; it counts while the session runs. */
  noteLag(lagMs: number): void {
    const zero = this.#zeroMonotonicMs;
    const { durationMs } = this.#stock.condition;
    if (zero === undefined || this.#clock.monotonicMs() - zero > durationMs) return;
    this.#lagMs = Math.max(this.#lagMs, lagMs);
  }

  close(): void {
    for (const socket of this.#sockets) socket.destroy();
    this.#sockets.clear();
  }

  /** Ms since zero; the first request is zero itself. */
  #arrive(socket: OutSocket): number {
    this.#sockets.add(socket);
    socket.once('close', () => this.#sockets.delete(socket));
    const nowMs = this.#clock.monotonicMs();
    if (this.#zeroMonotonicMs === undefined) {
      this.#zeroMonotonicMs = nowMs;
      this.#zeroEpochMs = this.#clock.epochMs();
    }
    return nowMs - this.#zeroMonotonicMs;
  }

  #note(atMs: number, name: string, status: number): RequestNote {
    const note: RequestNote = { atMs, name, status };
    if (this.#notes.length < MOST_NOTES) this.#notes.push(note);
    return note;
  }

  #leave(socket: OutSocket, answer: HlsAnswer, note: RequestNote, atMs: number): void {
    const { programme } = this.#stock;
    const head = Buffer.from(hlsHeadText(answer.status, answer.type, answer.body.length), 'latin1');
    const bytes = Buffer.concat([head, answer.body.subarray(0, answer.cutAtByte)]);
    if (answer.media) restamp(bytes, programme.captureMs, this.#zeroEpochMs);
    const writes = this.#link.send(atMs, bytes.length);
    const end = { atMs: writes.at(-1)?.atMs ?? atMs, words: '' };
    this.#play(socket, { bytes, writes, end }, note);
  }

  #play(socket: OutSocket, score: Score, note: RequestNote): void {
    const zero = this.#zeroMonotonicMs as number;
    const shift = (atMs: number): number => atMs + zero;
    playOut(
      socket,
      {
        bytes: score.bytes,
        writes: score.writes.map((write) => ({ ...write, atMs: shift(write.atMs) })),
        ...(score.end && { end: { ...score.end, atMs: shift(score.end.atMs) } }),
      },
      this.#clock,
      {
        late: (byMs) => this.noteLag(byMs),
        done: () => {
          note.endedMs = this.#clock.monotonicMs() - zero;
        },
      },
    );
  }
}
