import type { EmitEvent } from '../events.js';
import type { FarRoom } from '../far-viewers.js';
import { CHAT_SETTLE_MS } from '../scenarios/agenda.js';
import type { Clock, Rng } from '../seams.js';
import type { ChatId } from './chat-id.js';
import type { ChatMessages } from './chat-messages.js';

/** The viewers of this run that stand in the chat room, over all threads of this box; one handle per viewer. */
export interface Roster {
  /** This viewer stands in the room from now on. Calling it again does nothing. */
  join(): void;
  /** It does not any more. Calling it again does nothing. */
  leave(): void;
  /** How many others of this run stand in the room now. */
  others(): number;
  /** Those of the run's other boxes; absent = there are none. */
  readonly far?: FarRoom;
}

/** An own message that has not come back after this is lost. */
export const ECHO_PATIENCE_MS = 10_000;
/** More own messages under way than the platform takes in 10 s (contract 1.3: 20) means that none comes back. */
const MAX_PENDING = 64;
/** Places for the last messages, by which a repeated one is counted once, as the page shows it once. */
const RECENT_MESSAGES = 64;
/** After this a message is settled with what is known of the other boxes. */
const FAR_PATIENCE_MS = 8000;

/** A message from further in the future than clocks disagree was not written by this run. */
const MAX_CLOCK_DIFFERENCE_MS = 1000;

export interface ChatDeps {
  readonly clock: Clock;
  readonly rng: Rng;
  readonly messages: ChatMessages;
  readonly vuId: number;
  readonly streamKey: string;
  readonly roster: Roster;
  readonly emit: EmitEvent;
  /** Messages that wait while the viewer is not in the room; absent = none: such a message is not sent. */
  readonly queueLimit?: number;
  /** Hands a `chat:send-message` to the socket; false when the viewer is not in the room. */
  send(payload: unknown): boolean;
}

/** One viewer's chat: what it writes, and how fast what it and others write arrives here. */
export interface Chat {
  /** Writes one message that was due at `dueMs`. */
  write(dueMs: number): void;
  /** A `chat:message` of the room. */
  received(payload: unknown, atMs: number): void;
  /** The viewer entered or left the room. */
  inRoom(joined: boolean): void;
  /** Reports own messages whose echo is overdue. */
  sample(nowMs: number): void;
  /** The viewer goes: what had `CHAT_SETTLE_MS` to come back and did not is lost. */
  close(): void;
}

/**
 * Times chat by the ids of the messages (contract 10.3: no acknowledgements, `send-message:success` proves nothing).
 *
 * Deliveries are only counted where the sender counted us: the message was sent while we stood in the room. So
 * deliveries / expected is never above 1, and a lost message cannot be hidden by an unexpected one. Those of other
 * boxes are counted by the sender too, for the instant of sending, as soon as all boxes have told how many they were.
 */
export function createChat(deps: ChatDeps): Chat {
  return new ViewerChat(deps);
}

class ViewerChat implements Chat {
  private readonly deps: ChatDeps;
  private seq = 0;
  /** Own messages by id, oldest first. */
  private readonly pending = new Map<string, { readonly sentAtMs: number; readonly dueMs: number }>();
  /** When those were due that are written and wait for the room. */
  private readonly queue: number[] = [];
  /** Own messages whose deliveries at other boxes are not counted yet, oldest first. */
  private readonly unsettled: { readonly sentAtMs: number; readonly sentEpochMs: number }[] = [];
  /** Deliveries from other boxes while those may not hear of us. */
  private readonly unsure = { count: 0, sentAtMs: 0 };
  private readonly recent = new Float64Array(RECENT_MESSAGES).fill(-1);
  /** Run time -> epoch of this box; read again each second, not for each message. */
  private toEpochMs = 0;
  private enteredAtMs = Number.POSITIVE_INFINITY;
  private leftAtMs = Number.POSITIVE_INFINITY;

  constructor(deps: ChatDeps) {
    this.deps = deps;
    this.readClocks();
  }

  write(dueMs: number): void {
    const isOutside =
      this.leftAtMs !== Number.POSITIVE_INFINITY || this.enteredAtMs === Number.POSITIVE_INFINITY;
    if (isOutside && this.queue.length < (this.deps.queueLimit ?? 0)) this.queue.push(dueMs);
    else this.writeNow(dueMs);
  }

  private writeNow(dueMs: number): void {
    const { clock, emit, messages, roster, rng, streamKey, vuId } = this.deps;
    const atMs = clock.nowMs();
    const { toEpochMs } = this;
    const expectedOthers = roster.others();
    const clientMessageId = messages.nameOf({
      vuId,
      seq: this.seq++,
      sentEpochMs: atMs + toEpochMs,
      dueEpochMs: dueMs + toEpochMs,
    });
    if (!this.deps.send({ liveId: streamKey, message: pickText(rng), clientMessageId })) {
      emit({ kind: 'chat_not_sent', atMs, reason: 'not_joined' });
      return;
    }
    emit({ kind: 'chat_sent', atMs, expectedOthers });
    if (roster.far) this.unsettled.push({ sentAtMs: atMs, sentEpochMs: atMs + toEpochMs });
    if (this.unsettled.length > MAX_PENDING) this.settle(Number.POSITIVE_INFINITY, 1);
    this.pending.set(clientMessageId, { sentAtMs: atMs, dueMs });
    if (this.pending.size > MAX_PENDING) this.loseOlderThan(Number.POSITIVE_INFINITY, 1);
  }

  received(payload: unknown, atMs: number): void {
    const { emit, messages, vuId } = this.deps;
    const { id, text } = messages.read(payload);
    if (id === 'foreign') emit({ kind: 'chat_foreign', atMs });
    else if (id === 'garbage') emit({ kind: 'socket_garbage', atMs, namespace: '/chat' });
    else if (id.vuId === vuId) this.echo(text, atMs);
    else this.delivery(id, atMs);
  }

  inRoom(joined: boolean): void {
    const { clock, roster } = this.deps;
    if (joined) {
      roster.join();
      this.enteredAtMs = clock.nowMs();
      this.leftAtMs = Number.POSITIVE_INFINITY;
      for (const dueMs of this.queue.splice(0)) this.writeNow(dueMs);
    } else if (this.leftAtMs === Number.POSITIVE_INFINITY) {
      this.leftAtMs = clock.nowMs();
      roster.leave();
    }
  }

  sample(nowMs: number): void {
    this.readClocks();
    this.loseOlderThan(nowMs - ECHO_PATIENCE_MS);
    this.settle(nowMs - FAR_PATIENCE_MS);
    this.settleUnsure();
  }

  close(): void {
    this.inRoom(false);
    for (const _ of this.queue.splice(0)) {
      this.deps.emit({ kind: 'chat_not_sent', atMs: this.deps.clock.nowMs(), reason: 'not_joined' });
    }
    this.loseOlderThan(this.deps.clock.nowMs() - CHAT_SETTLE_MS);
    this.pending.clear();
    this.settle(Number.POSITIVE_INFINITY);
    this.settleUnsure();
  }

  /** Counts those at other boxes that should get what we sent: as soon as all have told, or it was sent before. */
  private settle(sentBeforeMs: number, atMost = MAX_PENDING): void {
    const { emit, clock, roster } = this.deps;
    for (let i = 0; i < atMost; i++) {
      const [first] = this.unsettled;
      if (first === undefined || roster.far === undefined) return;
      const { viewers, isFinal } = roster.far.at(first.sentEpochMs);
      if (!isFinal && first.sentAtMs > sentBeforeMs) return;
      this.unsettled.shift();
      if (viewers > 0)
        emit({ kind: 'chat_expected_far', atMs: clock.nowMs(), phaseAtMs: first.sentAtMs, count: viewers });
    }
  }

  /**
   * The boxes that we cannot be heard at count our viewers no more, though what they write still arrives here: such a
   * delivery brings its own expectation along. A short silence they make up for by themselves.
   */
  private settleUnsure(): void {
    const { emit, clock, roster } = this.deps;
    const { count, sentAtMs } = this.unsure;
    if (count === 0 || roster.far?.state === 'unsure') return;
    this.unsure.count = 0;
    if (roster.far?.state === 'cut')
      emit({ kind: 'chat_expected_far', atMs: clock.nowMs(), phaseAtMs: sentAtMs, count });
  }

  private echo(id: string, atMs: number): void {
    const sent = this.pending.get(id);
    if (!sent) return;
    this.pending.delete(id);
    this.deps.emit({
      kind: 'chat_echo',
      atMs,
      phaseAtMs: sent.sentAtMs,
      deliveryMs: atMs - sent.sentAtMs,
      sinceDueMs: atMs - sent.dueMs,
    });
  }

  private delivery(id: ChatId, atMs: number): void {
    const { emit } = this.deps;
    const { toEpochMs } = this;
    const sentAtMs = id.sentEpochMs - toEpochMs;
    if (sentAtMs > atMs + MAX_CLOCK_DIFFERENCE_MS) {
      emit({ kind: 'socket_garbage', atMs, namespace: '/chat' });
      return;
    }
    if (sentAtMs < this.enteredAtMs || sentAtMs >= this.leftAtMs || this.isRepeated(id)) return;
    const { far } = this.deps.roster;
    if (far !== undefined && far.state !== 'sure' && !far.isOwn(id.vuId)) {
      this.unsure.count += 1;
      this.unsure.sentAtMs = sentAtMs;
    }
    emit({
      kind: 'chat_delivered',
      atMs,
      phaseAtMs: sentAtMs,
      deliveryMs: Math.max(0, atMs - sentAtMs),
      sinceDueMs: Math.max(0, atMs - (id.dueEpochMs - toEpochMs)),
    });
  }

  /**
   * Each message has one place, so that looking it up costs the same whatever the fan-out. It is known by its
   * microsecond and its writer: a sequence number begins anew with each stay of a viewer.
   */
  private isRepeated({ vuId, seq, sentEpochMs }: ChatId): boolean {
    const place = (vuId * 7 + seq) % RECENT_MESSAGES;
    const key = (Math.round(sentEpochMs * 1000) % 2 ** 36) * 2 ** 17 + vuId;
    if (this.recent[place] === key) return true;
    this.recent[place] = key;
    return false;
  }

  /** The thread may be held up between two readings, which makes the difference too small: the largest is right. */
  private readClocks(): void {
    const { clock } = this.deps;
    let toEpochMs = Number.NEGATIVE_INFINITY;
    for (let i = 0; i < 3; i++) toEpochMs = Math.max(toEpochMs, clock.epochMs() - clock.nowMs());
    this.toEpochMs = toEpochMs;
  }

  private loseOlderThan(sentBeforeMs: number, atMost = MAX_PENDING): void {
    let count = 0;
    for (const [id, { sentAtMs }] of this.pending) {
      if (sentAtMs > sentBeforeMs || count++ >= atMost) return;
      this.pending.delete(id);
      const atMs = this.deps.clock.nowMs();
      this.deps.emit({ kind: 'chat_echo_lost', atMs, phaseAtMs: sentAtMs });
    }
  }
}

/** 10 to 40 characters, no markup: nothing that the platform would strip or refuse. */
const TEXTS: readonly string[] = [
  'hello from the sofa',
  'how much is this one?',
  'is it still available in blue?',
  'wow, that looks really good',
  'what about the size, does it run small?',
  'ordered mine just now',
  'when does it ship?',
  'can you show the back, please?',
  'first time here, nice stream',
  'the sound is great today',
];

function pickText(rng: Rng): string {
  return TEXTS[Math.floor(rng.next() * TEXTS.length)] ?? 'hello from here';
}
