import { ProtocolError } from '../errors.js';
import type { FromWorker, ToWorker } from '../protocol.js';
import { createRedact, type Redact } from '../redact.js';
import type { Clock } from '../seams.js';
import { type Beat, type BoxAsk, type BoxPhase, orderSchema, readWire } from './agent-messages.js';
import type { Box, BoxHandlers } from './box.js';
import { BoxClock } from './box-clock.js';
import { outboxFolder } from './left-outbox.js';
import type { Closeable, Link } from './link.js';
import { Outbox } from './outbox.js';
import type { BoxFacts, BoxWork } from './protocol.js';
import { makeRingFolder, RingFiles } from './ring-files.js';
import { ROOM_UNHEARD, RoomBook } from './room-book.js';
import { ShareIntake } from './share-intake.js';
import { checkToWorker } from './to-worker.js';
import { runNames } from './wire-names.js';

export interface AgentRunDeps {
  readonly link: Link;
  readonly clock: Clock;
  readonly facts: BoxFacts;
  readonly epoch: string;
  /** Where outboxes stand. */
  readonly dir: string;
  /** Reads what was sealed for this process. @throws when it was not */
  open(sealed: Uint8Array): Uint8Array;
  /** A box of this machine, for one run. */
  openBox(handlers: BoxHandlers): AgentBox;
  /** Why this work is not taken, in words; undefined = it is. */
  refusal(work: BoxWork): Promise<string | undefined>;
  /** One line for whoever looks at the agent. */
  say(words: string): void;
}

/** A box of this machine that is one of many in its run. */
export interface AgentBox extends Box {
  /** Its viewers that stand in the chat room now. */
  readonly inRoom: number;
  /** Where its threads read of the viewers of other boxes; there from `prepare` on. */
  readonly far: Int32Array;
}

type Take = Extract<BoxAsk, { kind: 'take' }>;

const RING = { segmentBytes: 2 ** 20, maxBytes: 256 * 2 ** 20 } as const;
/** More processes of one coordinator than this in one run are no accident. */
const MOST_HEADS = 16;

/** One run on this box: takes its share, stands ready, follows orders, and says what happens through the outbox. */
export class AgentRun {
  readonly run: string;
  /** Resolves when its viewers have left and all it had to say is with the broker, or nobody wants it any more. */
  readonly over: Promise<void>;
  readonly #deps: AgentRunDeps;
  readonly #intake: ShareIntake;
  readonly #viewers: number;
  readonly #boxes: readonly string[];
  #room: RoomBook | undefined;
  readonly #clock: BoxClock;
  readonly #redact: Redact;
  readonly #heads = new Map<string, number>();
  readonly #open: Closeable[] = [];
  readonly #told = new Set<string>();
  #phase: BoxPhase = 'taking';
  #gaveUp: string | undefined;
  #standing: Promise<void> | undefined;
  #box: Box | undefined;
  #outbox: Outbox | undefined;
  /** On the clock of this box. */
  #startEpochMs = 0;
  #resolveOver: () => void = () => {};

  /** @throws {ProtocolError} when the work cannot be read */
  constructor(take: Take, deps: AgentRunDeps) {
    const { link, clock } = deps;
    this.run = take.run;
    this.#deps = deps;
    this.#viewers = take.viewers;
    this.#boxes = take.boxes;
    this.#intake = new ShareIntake(take, (sealed) => deps.open(sealed));
    const { target, jwtSecret } = this.#intake.work;
    this.#redact = createRedact([target.streamKey, ...(jwtSecret === undefined ? [] : [jwtSecret])]);
    this.#clock = new BoxClock({ link, clock, subject: runNames(take.run).clock });
    this.over = new Promise((resolve) => {
      this.#resolveOver = resolve;
    });
  }

  get phase(): BoxPhase {
    return this.#phase;
  }

  /** It has all its parts, and its threads stand or are being started. */
  get isStanding(): boolean {
    return this.#standing !== undefined;
  }

  /** What a beat says of it. */
  get news(): Pick<Beat, 'run' | 'phase' | 'gaveUp' | 'clock' | 'outbox'> {
    const clock = this.#clock.state;
    return {
      run: this.run,
      phase: this.#phase,
      ...(this.#gaveUp === undefined ? {} : { gaveUp: this.#gaveUp }),
      ...(clock === undefined ? {} : { clock }),
      ...(this.#outbox === undefined ? {} : { outbox: this.#outbox.state }),
    };
  }

  /** @throws {ProtocolError} when it cannot be read */
  part(index: number, sealed: string): void {
    if (this.#phase !== 'taking') throw new ProtocolError('a part after the last one');
    this.#intake.part(index, sealed);
  }

  /** Resolves when its threads stand ready. @throws with words why they do not; it is over then */
  stand(): Promise<void> {
    this.#standing ??= this.#stand().catch(async (error: unknown) => {
      await this.drop();
      throw error;
    });
    return this.#standing;
  }

  /** Its viewers leave as pages do; `gaveUp`: without an order. */
  leave(gaveUp?: string): void {
    if (this.#phase === 'over' || this.#phase === 'leaving') return;
    if (gaveUp !== undefined) {
      this.#gaveUp = gaveUp;
      this.#deps.say(gaveUp);
    }
    if (this.#phase === 'running') {
      this.#phase = 'leaving';
      this.#box?.send({ kind: 'leave' });
    } else void this.drop();
  }

  /** The broker acknowledged a sign of this box so long ago, ms. */
  reached(agoMs: number): void {
    this.#room?.reached(agoMs);
  }

  /** Ends its threads at once. */
  async drop(): Promise<void> {
    await this.#box?.destroy();
    await this.#finish();
  }

  /** Nobody waits for what is still to be said: it stays on disk for a later process. */
  async abandon(): Promise<void> {
    await this.#outbox?.close();
    this.#resolveOver();
  }

  async #stand(): Promise<void> {
    const { facts, epoch, dir, link, clock, openBox, refusal, say } = this.#deps;
    const { work, share } = this.#intake;
    if (facts.maxVus !== undefined && share.viewers.length > facts.maxVus)
      throw new ProtocolError(
        `${share.viewers.length} viewers are more than the ${facts.maxVus} that it takes`,
      );
    const reason = await refusal(work);
    if (reason !== undefined) throw new ProtocolError(reason);
    await this.#clock.begin();
    const folder = outboxFolder(dir, this.run, epoch);
    await makeRingFolder(folder).catch((error: Error) => say(`${folder}: ${error.message}`));
    const ring = new RingFiles(folder, RING);
    const names = runNames(this.run);
    const outbox = new Outbox({
      ...{ link, clock, ring, run: this.run, box: facts.id, epoch },
      ...{ subject: names.dataOf(facts.id), say },
    });
    this.#outbox = outbox;
    const box = openBox({
      onMessage: (_box, worker, message) =>
        outbox.add({ kind: 'message', worker, message: this.#masked(message) }),
      onDied: (_box, worker, why) => {
        say(`a thread died: ${this.#redact(why)}`);
        outbox.add({ kind: 'died', worker, reason: this.#redact(why).slice(0, 2000) }, true);
      },
      onState() {},
    });
    this.#box = box;
    await box.prepare(work, share);
    this.#room = new RoomBook({
      ...{ link, clock, run: this.run, box: facts.id, epoch, boxes: this.#boxes, cells: box.far },
      own: share.viewers.map(({ vu }) => vu),
      epochMs: () => clock.epochMs() + (this.#clock.state?.offsetMs ?? 0),
      inRoom: () => box.inRoom,
      onUnheard: (other, silentMs) => this.#unheard(other, silentMs),
    });
    void box.done.then(() => this.#finish());
    const orders = {
      stream: names.orders,
      subject: names.ordersTo(facts.id),
      durable: `${facts.id}-${epoch}`,
    };
    this.#open.push(await link.read(orders, ({ payload }) => this.#order(payload)));
    this.#phase = 'ready';
    say(`run ${this.run}: ${this.#viewers} viewers stand ready`);
  }

  #order(payload: Uint8Array): void {
    try {
      const { run, box, head, seq, message } = readWire(orderSchema, payload, 'an order');
      if (run !== this.run || box !== this.#deps.facts.id) throw new ProtocolError('an order to another box');
      const before = this.#heads.get(head) ?? 0;
      if (seq <= before) return;
      if (!this.#heads.has(head) && this.#heads.size >= MOST_HEADS)
        throw new ProtocolError('more coordinators of one run than there can be');
      const order = checkToWorker(message);
      this.#heads.set(head, seq);
      this.#obey(order);
    } catch (error) {
      const words = error instanceof ProtocolError ? error.message : 'an order that cannot be read';
      this.#tellOnce(`${words} (said once)`);
    }
  }

  #obey(order: ToWorker): void {
    if (order.kind === 'leave') this.leave();
    else if (order.kind !== 'start') this.#box?.send(order);
    else if (this.#phase === 'ready') this.#start(order.startEpochMs);
  }

  /** @param startEpochMs on the coordinator's clock */
  #start(startEpochMs: number): void {
    const { say, clock } = this.#deps;
    // It was compared when it stood ready.
    const { offsetMs, uncertaintyMs } = this.#clock.state ?? { offsetMs: 0, uncertaintyMs: 0 };
    const ownEpochMs = startEpochMs - offsetMs;
    this.#phase = 'running';
    this.#startEpochMs = ownEpochMs;
    this.#room?.begin();
    this.#box?.send({ kind: 'start', startEpochMs: ownEpochMs, ownClock: { offsetMs, uncertaintyMs } });
    const lateMs = Math.round(clock.epochMs() - ownEpochMs);
    if (lateMs > 0) {
      const detail = `the start came ${lateMs} ms after the run had begun`;
      this.#outbox?.add({
        kind: 'message',
        worker: 0,
        message: { kind: 'notable', what: 'box_late', atMs: lateMs, detail },
      });
      say(detail);
    }
    this.#clock.follow((state) => {
      const ownClock = { offsetMs: state.offsetMs, uncertaintyMs: state.uncertaintyMs };
      this.#box?.send({ kind: 'own_clock', ownClock });
    });
    say(`run ${this.run}: started`);
  }

  #unheard(other: string, silentMs: number): void {
    const { clock, say } = this.#deps;
    const atMs = clock.epochMs() - this.#startEpochMs;
    const detail = `did not hear for ${Math.round(silentMs / 100) / 10} s how many viewers of box ${other} stood in the chat room`;
    this.#outbox?.add({
      kind: 'message',
      worker: 0,
      message: { kind: 'notable', what: ROOM_UNHEARD, atMs, detail },
    });
    say(`it ${detail}`);
  }

  async #finish(): Promise<void> {
    if (this.#phase === 'over') return;
    this.#phase = 'over';
    this.#clock.close();
    this.#room?.close();
    for (const one of this.#open.splice(0)) one.close();
    const outbox = this.#outbox;
    if (outbox !== undefined) {
      const { unsaved, dropped } = outbox.state;
      // What was said when nobody could hear it comes before any sign of life: the reason goes with it.
      const why = this.#gaveUp === undefined ? {} : { gaveUp: this.#gaveUp };
      outbox.add({ kind: 'done', unsaved, dropped, ...why }, true);
      this.#deps.say(`run ${this.run}: all viewers have left, ${outbox.state.waiting} records to deliver`);
      await outbox.empty();
      await outbox.close();
    }
    this.#resolveOver();
  }

  /** What is stored at the broker holds no secret of the run. */
  #masked(message: FromWorker): FromWorker {
    if (message.kind !== 'notable' || message.detail === undefined) return message;
    return { ...message, detail: this.#redact(message.detail).slice(0, 2000) };
  }

  #tellOnce(words: string): void {
    if (this.#told.has(words) || this.#told.size > 20) return;
    this.#told.add(words);
    this.#deps.say(words);
  }
}
