import { ProtocolError } from '../errors.js';
import type { OwnVu, ToWorker } from '../protocol.js';
import type { Clock } from '../seams.js';
import {
  type Beat,
  type BoxAsk,
  type BoxRecord,
  type Hello,
  MAX_PART_BYTES,
  readWire,
  replySchema,
  writeWire,
} from './agent-messages.js';
import { type Box, type BoxHandlers, type BoxNews, BoxRefused, type RecordName } from './box.js';
import { type BoxAccount, BoxLedger, type LedgerState } from './box-ledger.js';
import { BoxLife } from './box-life.js';
import { checkFromWorker } from './from-worker.js';
import { type Link, LinkError } from './link.js';
import { OrderQueue } from './order-queue.js';
import type { BoxFacts, BoxShare, BoxWork } from './protocol.js';
import { askSubject, runNames } from './wire-names.js';

export interface RemoteBoxDeps {
  readonly link: Pick<Link, 'ask' | 'append' | 'onUp' | 'isUp'>;
  readonly clock: Pick<Clock, 'nowMs' | 'after'>;
  readonly run: string;
  /** Of this process of the coordinator. */
  readonly head: string;
  readonly version: string;
  /** Makes bytes that only the owner of the key can read. */
  seal(publicKey: string, plain: Uint8Array): Uint8Array;
  readonly handlers: BoxHandlers;
  /** All boxes of the run, this one among them. */
  boxes(): readonly string[];
  /** What an earlier process of the coordinator took in of it, and whether it had lost it. */
  readonly before?: (LedgerState & { readonly isLost: boolean }) | undefined;
  /** Garbage came from it; called for the first of each kind. */
  onGarbage(box: string, words: string): void;
}

const ASK_PATIENCE_MS = 10_000;
/** Threads are started meanwhile, and clocks compared. */
const STAND_PATIENCE_MS = 75_000;
const DROP_PATIENCE_MS = 1000;
/** A box that is lost for so long is waited for no more; what it still sends is taken in as long as anybody listens. */
export const WAITED_FOR_MS = 60_000;
/** What a process left is sent by the next one; it has so long for it. */
const LEFT_PATIENCE_MS = 20_000;

/** A load box behind the wire, as the coordinator sees it: an agent serves the other end. */
export class RemoteBox implements Box {
  readonly id: string;
  readonly facts: BoxFacts;
  readonly done: Promise<void>;
  readonly #deps: RemoteBoxDeps;
  readonly #hello: Hello;
  readonly #life: BoxLife;
  readonly #ledger: BoxLedger;
  readonly #orders: OrderQueue;
  #resolveDone: () => void = () => {};
  #isDone = false;
  #destroyed = false;
  #cancelWait: (() => void) | undefined;
  /** It has given a sign as one that serves this run. */
  #served = false;
  #cancelLeft: (() => void) | undefined;

  constructor(hello: Hello, deps: RemoteBoxDeps) {
    const { link, clock, run, head, before } = deps;
    this.id = hello.facts.id;
    this.facts = hello.facts as BoxFacts;
    this.#hello = hello;
    this.#deps = deps;
    this.#life = new BoxLife(hello.epoch, clock.nowMs(), before?.isLost);
    this.#ledger = new BoxLedger(before);
    this.#orders = new OrderQueue({
      ...{ link, clock, run, head, box: this.id },
      subject: runNames(run).ordersTo(this.id),
      onUntellable: (kind) => this.#untellable(kind),
    });
    this.done = new Promise((resolve) => {
      this.#resolveDone = resolve;
    });
    if (before?.isDone) this.#end();
    else if (before?.isLost) this.#waitFor(WAITED_FOR_MS);
  }

  get epoch(): string {
    return this.#hello.epoch;
  }

  /** What came of it so far, for the report. */
  get account(): BoxAccount {
    return this.#ledger.account;
  }

  /** What was taken in of it, for a later process of the coordinator. */
  get state(): LedgerState {
    return { ...this.#ledger.state, isDone: this.#isDone };
  }

  /** It serves this run already: a coordinator that was begun anew takes it up as it is, without preparing it. */
  get isServing(): boolean {
    return this.#hello.run === this.#deps.run;
  }

  async prepare(work: BoxWork, share: BoxShare): Promise<void> {
    const { run, version, seal, boxes } = this.#deps;
    const { epoch, publicKey, facts } = this.#hello;
    if (facts.version !== version) {
      throw new BoxRefused(this.id, `it runs dorami-load ${facts.version}, this is ${version}`);
    }
    const sealed = (value: object): string =>
      Buffer.from(seal(publicKey, new TextEncoder().encode(JSON.stringify(value)))).toString('base64');
    const parts = partsOf(share.viewers);
    const viewers = share.viewers.length;
    const what = { run, epoch, version, boxes: [...boxes()], parts: parts.length, viewers };
    await this.#ask({ kind: 'take', ...what, work: sealed(work) }, ASK_PATIENCE_MS);
    for (const [index, part] of parts.entries()) {
      await this.#ask({ kind: 'part', run, epoch, index, viewers: sealed(part) }, ASK_PATIENCE_MS);
    }
    await this.#ask({ kind: 'stand', run, epoch }, STAND_PATIENCE_MS);
  }

  send(message: ToWorker): void {
    if (!this.#destroyed) this.#orders.add(message);
  }

  async destroy(): Promise<void> {
    if (this.#destroyed) return;
    this.#destroyed = true;
    this.#orders.close();
    this.#end();
    const { run } = this.#deps;
    await this.#ask({ kind: 'drop', run, epoch: this.epoch }, DROP_PATIENCE_MS).catch(() => {});
  }

  /** A sign of life came. */
  beat(beat: Beat): void {
    const { clock, run } = this.#deps;
    const isOfRun = beat.run === run;
    // What it says of an earlier run, whose clock it was or that it gave up, is nothing of this one.
    this.#tell(this.#life.beat(isOfRun ? beat : { epoch: beat.epoch }, clock.nowMs()));
    if (beat.epoch !== this.epoch) return;
    if (isOfRun) {
      this.#ledger.beat(beat);
      this.#served = true;
    } else if (this.#served) this.#servesNoMore();
  }

  /** Its last words are with the broker by now, or never will be. */
  #servesNoMore(): void {
    if (this.#cancelLeft !== undefined || this.#isDone) return;
    const { clock } = this.#deps;
    this.#cancelLeft = clock.after(LEFT_PATIENCE_MS, () => {
      const gaveUp = 'it serves this run no more, and its last words have not come';
      this.#tell(this.#life.beat({ epoch: this.epoch, gaveUp }, clock.nowMs()));
    });
  }

  /** Time has passed: to be called twice a second. */
  look(): void {
    const { clock, link } = this.#deps;
    if (!this.#isDone) this.#tell(this.#life.look(clock.nowMs(), link.isUp));
  }

  /** A record of this box came; `isCounted`: an earlier process of the coordinator has counted it. */
  take(record: BoxRecord, isCounted = false): void {
    if (this.#destroyed) return;
    const { ready, isGone } = this.#ledger.take(record, isCounted);
    for (const one of ready) this.#handOn(one);
    if (isGone && record.epoch === this.epoch) this.#gone();
  }

  /** It would go on with what it was told before, and nobody could tell its figures from those that are right. */
  #untellable(kind: ToWorker['kind']): void {
    this.#tell(this.#life.givenUp(`an order (${kind}) is larger than the broker takes: its viewers leave`));
    if (kind !== 'leave') this.send({ kind: 'leave' });
  }

  /** Its next process has sent all that it left, and its first sign of life may not have been heard by anybody. */
  #gone(): void {
    this.#tell(this.#life.replaced());
    this.#end();
  }

  /** All records of one of its processes up to this one are taken in, or known as missing. */
  upTo(epoch: string): number {
    return this.#ledger.upTo(epoch);
  }

  /** What came in its name was none of its messages. */
  garbage(error: unknown): void {
    const words = error instanceof ProtocolError ? error.message : 'what it sent cannot be read';
    if (this.#ledger.garbage(words)) this.#deps.onGarbage(this.id, words);
  }

  #handOn(record: BoxRecord): void {
    const { onMessage, onDied } = this.#deps.handlers;
    if (record.kind === 'message') {
      try {
        const message = checkFromWorker(record.message, this.id, record.worker);
        // Its threads stand ready when `prepare` comes back.
        if (message.kind !== 'ready') onMessage(this.id, record.worker, message, nameOf(record));
      } catch (error) {
        this.garbage(error);
      }
    } else if (record.kind === 'died') onDied(this.id, record.worker, record.reason, nameOf(record));
    else if (record.kind === 'done' && record.epoch === this.epoch) this.#over(record.gaveUp);
  }

  #over(gaveUp: string | undefined): void {
    // A sign of life says so too, but nobody may have heard it.
    if (gaveUp !== undefined)
      this.#tell(this.#life.beat({ epoch: this.epoch, gaveUp }, this.#deps.clock.nowMs()));
    this.#end();
  }

  #tell(news: BoxNews | undefined): void {
    if (news === undefined || this.#isDone) return;
    if (news.state === 'lost') {
      this.#waitFor(this.#life.isForGood ? LEFT_PATIENCE_MS : WAITED_FOR_MS);
    } else if (news.state === 'back') this.#cancelWait?.();
    this.#ledger.news(news);
    this.#deps.handlers.onState(this.id, news);
  }

  #waitFor(waitMs: number): void {
    this.#cancelWait?.();
    this.#cancelWait = this.#deps.clock.after(waitMs, () => this.#end());
  }

  #end(): void {
    if (this.#isDone) return;
    this.#isDone = true;
    this.#cancelWait?.();
    this.#cancelLeft?.();
    for (const one of this.#ledger.close()) this.#handOn(one);
    this.#resolveDone();
  }

  async #ask(ask: BoxAsk, patienceMs: number): Promise<void> {
    let answer: Uint8Array;
    try {
      answer = await this.#deps.link.ask(askSubject(this.id), writeWire(ask), patienceMs);
    } catch (error) {
      const silent = error instanceof LinkError && error.code === 'no_responders';
      throw new BoxRefused(
        this.id,
        silent ? 'it is not there any more' : `it does not answer (${wordsOf(error)})`,
      );
    }
    const reply = readWire(replySchema, answer, 'an answer');
    if (!reply.ok) throw new BoxRefused(this.id, reply.reason);
  }
}

function nameOf({ epoch, seq }: BoxRecord & { readonly seq: number }): RecordName {
  return { epoch, seq };
}

/** Viewers in parts of a bounded size. */
function partsOf(viewers: readonly OwnVu[]): OwnVu[][] {
  const parts: OwnVu[][] = [];
  let bytes = Number.POSITIVE_INFINITY;
  for (const viewer of viewers) {
    const size = Buffer.byteLength(JSON.stringify(viewer)) + 1;
    if (bytes + size > MAX_PART_BYTES) {
      parts.push([]);
      bytes = 0;
    }
    parts.at(-1)?.push(viewer);
    bytes += size;
  }
  return parts;
}

function wordsOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
