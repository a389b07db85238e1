import { ProtocolError } from '../errors.js';
import type { Cancel } from '../seams.js';
import {
  askSchema,
  type BoxAsk,
  type BoxReply,
  beatSchema,
  headBeatSchema,
  readWire,
  writeWire,
} from './agent-messages.js';
import { AgentRun, type AgentRunDeps } from './agent-run.js';
import { BEAT_EVERY_MS, BEAT_TTL_MS } from './box-life.js';
import { deliverLeft, findLeftOutboxes } from './left-outbox.js';
import type { Beats, Closeable } from './link.js';
import { findAgents } from './remote-fleet.js';
import { askSubject, BEATS_BUCKET, beatKey, HELLO_SUBJECT, headKey, runNames } from './wire-names.js';

/** A box that cannot reach the broker for so long lets its viewers leave. */
export const DEAD_MAN_MS = 15_000;
/** A box whose coordinator gives no sign for so long, while the broker is there, lets its viewers leave. */
export const HEAD_GONE_MS = 30_000;
/** We looked so late that this process stood still: that says nothing of the others. */
const STOOD_STILL_MS = 3000;
/** All agents answer within this. */
const NAME_WAIT_MS = 1000;
/** From an order to leave to the end of the threads. */
const LEAVE_GRACE_MS = 8000;
/** A name of a run is made of its time and chance: nobody comes back with an older one by accident. */
const MOST_STOOD = 1000;
/** An agent that is told to end, or has no coordinator any more, delivers what it has within this; the rest stays on disk. */
const DELIVER_MS = 10_000;

export interface AgentDeps extends AgentRunDeps {
  /** Of this process: what is sealed with it only this process reads. */
  readonly publicKey: string;
  readonly deadManMs?: number;
  readonly headGoneMs?: number;
}

/** There is an agent of this name already, or a later one has taken its place. */
export class NameTaken extends Error {
  readonly code = 'name_taken';
  constructor(name: string) {
    super(`there is an agent named ${name} already: give this one another --name`);
    this.name = 'NameTaken';
  }
}

/**
 * The far end of the wire: waits for work, runs one run at a time, again and again, and gives signs of life from the
 * main thread, which carries no viewers.
 */
export class Agent {
  readonly #deps: AgentDeps;
  readonly #open: Closeable[] = [];
  readonly #told = new Set<string>();
  #beats: Beats | undefined;
  #run: AgentRun | undefined;
  #runs = 0;
  /** Runs whose threads have stood here, latest last; bounded. */
  readonly #stood = new Set<string>();
  #reachedAtMs = 0;
  #headSeenAtMs = 0;
  #lookedAtMs = 0;
  #cancel: Cancel | undefined;
  #closed = false;
  #onServed: (() => void)[] = [];
  #reject: (error: Error) => void = () => {};
  /** Rejects when another process has taken its name. */
  readonly replaced: Promise<never>;

  constructor(deps: AgentDeps) {
    this.#deps = deps;
    this.replaced = new Promise((_, reject) => {
      this.#reject = reject;
    });
    this.replaced.catch(() => {});
  }

  /** @throws {NameTaken} {LinkError} */
  async start(): Promise<void> {
    const { link, clock, facts, epoch } = this.#deps;
    await this.#checkName(() => true);
    this.#open.push(link.serve(HELLO_SUBJECT, () => this.#hello()));
    this.#open.push(link.serve(askSubject(facts.id), (payload) => this.#answer(payload)));
    try {
      // Of two that began at once the later one goes.
      await this.#checkName((other) => other < epoch);
    } catch (error) {
      for (const one of this.#open.splice(0)) one.close();
      throw error;
    }
    this.#beats = await link.openBeats(BEATS_BUCKET, BEAT_TTL_MS);
    this.#open.push(await this.#beats.watch((key, value) => this.#heard(key, value)));
    this.#reachedAtMs = clock.nowMs();
    this.#lookedAtMs = clock.nowMs();
    this.#tick();
    void this.#deliverLeft();
  }

  /** Runs that it has served to their end. */
  get runs(): number {
    return this.#runs;
  }

  /** Viewers are here, or on their way. */
  get isBusy(): boolean {
    return this.#busyWith() !== undefined;
  }

  /** Resolves when the next run is over and delivered. */
  served(): Promise<void> {
    return new Promise((resolve) => this.#onServed.push(resolve));
  }

  /** Its viewers leave, what was measured is delivered, both within a bound. Resolves with what stays undelivered. */
  async stop(): Promise<number> {
    if (this.#closed) return 0;
    const { clock } = this.#deps;
    const run = this.#run;
    let waiting = 0;
    if (run !== undefined) {
      run.leave();
      const cancel = clock.after(LEAVE_GRACE_MS, () => void run.drop());
      const bound = new Promise<void>((resolve) => void clock.after(LEAVE_GRACE_MS + DELIVER_MS, resolve));
      await Promise.race([run.over, bound]);
      cancel();
      waiting = run.news.outbox?.waiting ?? 0;
      await run.abandon();
    }
    this.#closed = true;
    this.#cancel?.();
    for (const one of this.#open.splice(0)) one.close();
    return waiting;
  }

  #hello(): Uint8Array {
    const { epoch, facts, publicKey } = this.#deps;
    const serving = this.#busyWith();
    return writeWire({
      ...{ kind: 'hello', epoch, facts, publicKey },
      ...(serving === undefined ? {} : { run: serving.run }),
    });
  }

  async #checkName(isInTheWay: (epoch: string) => boolean): Promise<void> {
    const { link, facts, epoch } = this.#deps;
    const all = await findAgents(link, NAME_WAIT_MS, undefined);
    if (all.some((one) => one.facts.id === facts.id && one.epoch !== epoch && isInTheWay(one.epoch)))
      throw new NameTaken(facts.id);
  }

  async #answer(payload: Uint8Array): Promise<Uint8Array> {
    return writeWire(await this.#reply(payload));
  }

  async #reply(payload: Uint8Array): Promise<BoxReply> {
    try {
      const ask = readWire(askSchema, payload, 'a question');
      if (ask.epoch !== this.#deps.epoch)
        return { ok: false, reason: 'it was begun anew since it was found' };
      await this.#do(ask);
      return { ok: true };
    } catch (error) {
      const reason = (error instanceof Error ? error.message : String(error)).slice(0, 1000);
      this.#tellOnce(`refused: ${reason}`);
      return { ok: false, reason };
    }
  }

  async #do(ask: BoxAsk): Promise<void> {
    if (ask.kind === 'take') return this.#take(ask);
    const run = this.#run;
    if (run === undefined || run.run !== ask.run) {
      if (ask.kind === 'drop') return;
      throw new ProtocolError('it was not given this run');
    }
    if (ask.kind === 'part') run.part(ask.index, ask.viewers);
    else if (ask.kind === 'stand') await this.#stand(run);
    else void run.drop().catch(() => {});
  }

  #take(ask: Extract<BoxAsk, { kind: 'take' }>): void {
    const { facts, clock, say } = this.#deps;
    if (ask.version !== facts.version)
      throw new ProtocolError(`it runs dorami-load ${facts.version}, the coordinator ${ask.version}`);
    const busy = this.#busyWith();
    if (busy !== undefined && (busy.run !== ask.run || busy.isStanding))
      throw new ProtocolError(`it serves the run ${busy.run}`);
    // Its records would go by the names of those of then, and count as repeats of them.
    if (this.#stood.has(ask.run)) throw new ProtocolError(`it has served the run ${ask.run} already`);
    const before = this.#run;
    const run = new AgentRun(ask, this.#deps);
    // The one before has nobody any more who looks whether its coordinator is there.
    if (before?.phase === 'over') clock.after(HEAD_GONE_MS, () => void before.abandon());
    this.#run = run;
    this.#headSeenAtMs = clock.nowMs();
    say(`run ${ask.run}: asked for ${ask.viewers} viewers`);
    void run.over.then(() => {
      if (this.#run === run) this.#run = undefined;
      this.#runs += 1;
      say(`run ${ask.run}: over`);
      for (const resolve of this.#onServed.splice(0)) resolve();
    });
  }

  async #stand(run: AgentRun): Promise<void> {
    this.#stood.add(run.run);
    for (const oldest of [...this.#stood].slice(0, -MOST_STOOD)) this.#stood.delete(oldest);
    await run.stand();
  }

  #busyWith(): AgentRun | undefined {
    return this.#run?.phase === 'over' ? undefined : this.#run;
  }

  #heard(key: string, value: Uint8Array): void {
    const { facts, epoch, clock } = this.#deps;
    const run = this.#run;
    if (run !== undefined && key === headKey(run.run)) {
      try {
        if (readWire(headBeatSchema, value, 'a beat').run === run.run) this.#headSeenAtMs = clock.nowMs();
      } catch {
        this.#tellOnce('a sign of the coordinator that cannot be read');
      }
    } else if (key === beatKey(facts.id)) {
      try {
        const other = readWire(beatSchema, value, 'a beat');
        if (other.box === facts.id && other.epoch > epoch) this.#reject(new NameTaken(facts.id));
      } catch {
        this.#tellOnce('a sign in this name that cannot be read');
      }
    }
  }

  #tick(): void {
    if (this.#closed) return;
    const { clock, facts, epoch } = this.#deps;
    const nowMs = clock.nowMs();
    if (nowMs - this.#lookedAtMs > STOOD_STILL_MS) {
      this.#reachedAtMs = nowMs;
      this.#headSeenAtMs = nowMs;
    }
    this.#lookedAtMs = nowMs;
    const news = this.#run?.news ?? { phase: 'idle' };
    const beat = writeWire({ kind: 'beat', box: facts.id, epoch, ...news });
    this.#beats?.put(beatKey(facts.id), beat).then(
      () => {
        this.#reachedAtMs = clock.nowMs();
      },
      () => {},
    );
    this.#look(nowMs);
    this.#cancel = clock.after(BEAT_EVERY_MS, () => this.#tick());
  }

  /** Who loads a platform must be within reach of somebody who can stop it. */
  #look(nowMs: number): void {
    const { deadManMs = DEAD_MAN_MS, headGoneMs = HEAD_GONE_MS } = this.#deps;
    const run = this.#run;
    if (run === undefined) return;
    const cutMs = nowMs - this.#reachedAtMs;
    run.reached(cutMs);
    // Cut off, nothing can be heard of a coordinator that is well.
    if (cutMs > BEAT_TTL_MS) this.#headSeenAtMs = Math.max(this.#headSeenAtMs, nowMs - BEAT_TTL_MS);
    if (cutMs > deadManMs) run.leave(`cut off from the broker for ${deadManMs / 1000} s: its viewers leave`);
    const headlessMs = nowMs - this.#headSeenAtMs;
    if (headlessMs <= headGoneMs) return;
    if (run.phase !== 'over') run.leave(`no coordinator for ${headGoneMs / 1000} s: its viewers leave`);
    // A later coordinator reads what the broker has got by then.
    else if (headlessMs > headGoneMs + DELIVER_MS) void run.abandon();
  }

  async #deliverLeft(): Promise<void> {
    const { link, clock, dir, epoch, facts, say } = this.#deps;
    for (const left of await findLeftOutboxes(dir, epoch, clock.epochMs())) {
      const sent = await deliverLeft(left, {
        ...{ link, clock, box: facts.id },
        subject: (run) => runNames(run).dataOf(facts.id),
        isWanted: () => !this.#closed,
      });
      say(
        sent === undefined
          ? `run ${left.run}: nobody takes what an earlier process left; it stays in ${left.folder}`
          : `run ${left.run}: ${sent} records of an earlier process delivered`,
      );
    }
  }

  #tellOnce(words: string): void {
    if (this.#told.has(words) || this.#told.size > 50) return;
    this.#told.add(words);
    this.#deps.say(words);
  }
}
