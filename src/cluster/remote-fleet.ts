import type { Cancel, Clock } from '../seams.js';
import {
  type Beat,
  type BoxRecord,
  type HeadBeat,
  type Hello,
  helloSchema,
  readWire,
  recordSchema,
  signSchema,
  writeWire,
} from './agent-messages.js';
import type { BoxHandlers } from './box.js';
import type { LedgerState } from './box-ledger.js';
import { BEAT_EVERY_MS, BEAT_TTL_MS, LOOK_EVERY_MS } from './box-life.js';
import type { Beats, Closeable, Link, StreamMessage } from './link.js';
import { RemoteBox } from './remote-box.js';
import { BEATS_BUCKET, HELLO_SUBJECT, headKey, runNames } from './wire-names.js';

export interface RemoteFleetDeps {
  readonly link: Link;
  readonly clock: Clock;
  /** The run's name: letters, digits, `_` and `-`. */
  readonly run: string;
  /** Another one for each process of the coordinator. */
  readonly head: string;
  /** Of dorami-load. */
  readonly version: string;
  /** Makes bytes that only the owner of the key can read. */
  seal(publicKey: string, plain: Uint8Array): Uint8Array;
  readonly handlers: BoxHandlers;
  /** One line for the user: garbage came, the first of each kind. */
  say(words: string): void;
  /** Another process of the coordinator has taken the run up since: this one has nothing to do with it any more. */
  onSuperseded?(): void;
  /** What an earlier process of the coordinator took in of this run: this one goes on behind it. */
  readonly before?: FleetState;
}

/**
 * How far the stream of a run was taken in. Who is begun anew with it takes in the rest of the stream and nothing twice,
 * and counts on.
 */
export interface FleetState {
  /** Place in the stream up to which all was counted. */
  readonly position: number;
  readonly boxes: Readonly<Record<string, LedgerState & { readonly isLost: boolean }>>;
}

/** What a process of the coordinator leaves to a later one. */
export interface TakenIn {
  /** Its name among the processes of the run's coordinator. */
  readonly head: string;
  /** Place in the stream up to which all that was said was taken in. */
  readonly position: number;
  /** By name. */
  readonly boxes: Readonly<Record<string, LedgerState>>;
}

/**
 * What boxes say is taken in within a second; a coordinator that is begun anew has half a minute. Kept for longer it
 * would fill the broker in a long run: 50 boxes of 8 threads say about 3 MB a second.
 */
export const DATA_KEPT_MS = 2 * 60_000;
const DATA_BOUNDS = { maxBytes: 2 ** 29, maxAgeMs: DATA_KEPT_MS } as const;
const ORDERS_BOUNDS = { maxBytes: 16 * 2 ** 20, maxAgeMs: 24 * 3_600_000 } as const;

/** All load boxes of a run that are behind the wire, and this end of what they share. */
export class RemoteFleet {
  readonly #deps: RemoteFleetDeps;
  readonly #boxes = new Map<string, RemoteBox>();
  readonly #open: Closeable[] = [];
  #beats: Beats | undefined;
  #cancel: Cancel[] = [];
  #closed = false;
  /** It stands in this one's signs. */
  #took = false;
  #listens = false;
  /** Messages that were none and named no box of this run. */
  #garbage = 0;
  /** Of the last message that was counted, in the stream. */
  #position: number;

  private constructor(deps: RemoteFleetDeps) {
    this.#deps = deps;
    this.#position = deps.before?.position ?? 0;
  }

  /** @throws {LinkError} when the broker does not do what it is asked */
  static async open(deps: RemoteFleetDeps): Promise<RemoteFleet> {
    const fleet = new RemoteFleet(deps);
    await fleet.#start();
    return fleet;
  }

  /** All agents that answer within `waitMs`, or the first `most` of them; one that comes twice is there once. */
  async find(waitMs: number, most?: number): Promise<readonly Hello[]> {
    return findAgents(this.#deps.link, waitMs, most, () =>
      this.#blame('an answer to the call for boxes cannot be read'),
    );
  }

  /** This end of one box. All boxes of a run are to be made before `listen`. */
  box(hello: Hello): RemoteBox {
    const { id } = hello.facts;
    const { link, clock, run, head, version, seal, handlers, before, say } = this.#deps;
    if (this.#listens) throw new RangeError(`${id} comes too late for this run`);
    if (this.#boxes.has(id)) throw new RangeError(`${id} is in the run already`);
    const box = new RemoteBox(hello, {
      ...{ link, clock, run, head, version, seal, handlers },
      boxes: () => [...this.#boxes.keys()],
      before: before?.boxes[id],
      onGarbage: (name, words) => say(`${name}: ${words} (said once, counted)`),
    });
    this.#boxes.set(id, box);
    return box;
  }

  /** From now on what boxes say is handed on, from the begin of the run; also what they said before this process was begun. */
  async listen(): Promise<void> {
    if (this.#listens) return;
    this.#listens = true;
    const { link, run } = this.#deps;
    const failed = (error: unknown): void => {
      const words = error instanceof Error ? error.message : String(error);
      this.#deps.say(`what a box said could not be taken in: ${words}`);
    };
    const spec = { stream: runNames(run).data, failed };
    this.#open.push(await link.read(spec, (message) => this.#take(message)));
  }

  get garbageCount(): number {
    return this.#garbage;
  }

  /** The run is this process's from now on: an earlier one that was only stopped gives way when it goes on. */
  took(): void {
    this.#took = true;
    this.#beat();
  }

  /** How far all was taken in up to now, and by whom. */
  get state(): TakenIn {
    const boxes = Object.fromEntries([...this.#boxes].map(([id, box]) => [id, box.state]));
    return { head: this.#deps.head, position: this.#position, boxes };
  }

  /** Ends this end. `remove`: the run is over, its streams go. */
  async close(remove: boolean): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    for (const cancel of this.#cancel) cancel();
    for (const one of this.#open) one.close();
    if (!remove) return;
    const { orders, data } = runNames(this.#deps.run);
    for (const name of [orders, data]) await this.#deps.link.deleteStream(name).catch(() => {});
  }

  async #start(): Promise<void> {
    const { link, clock, run } = this.#deps;
    const names = runNames(run);
    await link.openStream({ name: names.orders, subjects: [names.allOrders], ...ORDERS_BOUNDS });
    await link.openStream({ name: names.data, subjects: [names.allData], ...DATA_BOUNDS });
    this.#beats = await link.openBeats(BEATS_BUCKET, BEAT_TTL_MS);
    // The answer is made at once: whatever holds it up stands in the round trip, and so in the error of the reading.
    this.#open.push(link.serve(names.clock, () => writeWire({ epochMs: clock.epochMs() })));
    this.#open.push(await this.#beats.watch((_key, value) => this.#heard(value)));
    this.#beat();
    this.#look();
  }

  #take({ payload, subject, sequence }: StreamMessage): void {
    const isCounted = sequence <= (this.#deps.before?.position ?? 0);
    this.#position = Math.max(this.#position, sequence);
    const named = this.#boxes.get(subject.split('.').at(-1) ?? '');
    let record: BoxRecord;
    try {
      record = readWire(recordSchema, payload, 'a record');
    } catch (error) {
      if (isCounted) return;
      if (named === undefined) this.#blame('a record of nobody cannot be read');
      else named.garbage(error);
      return;
    }
    if (named === undefined || record.box !== named.id || record.run !== this.#deps.run)
      this.#blame('a record of a box that is not in this run');
    else named.take(record, isCounted);
  }

  #heard(value: Uint8Array): void {
    // The coordinator's own signs and those of other runs are there too.
    const sign = signOf(value);
    if (sign === undefined || this.#closed) return;
    if (sign.kind === 'beat') this.#boxes.get(sign.box)?.beat(sign);
    // Names of heads sort by the time they were made.
    else if (sign.took && sign.run === this.#deps.run && sign.head > this.#deps.head)
      this.#deps.onSuperseded?.();
  }

  #beat(): void {
    const { run, head, clock } = this.#deps;
    if (this.#closed) return;
    const took = this.#took ? { took: true as const } : {};
    this.#beats?.put(headKey(run), writeWire({ kind: 'head', run, head, ...took })).catch(() => {});
    this.#cancel[0]?.();
    this.#cancel[0] = clock.after(BEAT_EVERY_MS, () => this.#beat());
  }

  #look(): void {
    if (this.#closed) return;
    for (const box of this.#boxes.values()) box.look();
    this.#cancel[1] = this.#deps.clock.after(LOOK_EVERY_MS, () => this.#look());
  }

  #blame(words: string): void {
    if (this.#garbage++ === 0) this.#deps.say(`${words} (said once, counted)`);
  }
}

/** A sign of life of anybody; undefined = it is none. */
function signOf(value: Uint8Array): Beat | HeadBeat | undefined {
  try {
    return readWire<Beat | HeadBeat>(signSchema, value, 'a sign');
  } catch {
    return undefined;
  }
}

/** All agents that answer, by name; `onGarbage` for each answer that is none. */
export async function findAgents(
  link: Pick<Link, 'askAll'>,
  waitMs: number,
  most: number | undefined,
  onGarbage: () => void = () => {},
): Promise<readonly Hello[]> {
  const answers = await link.askAll(HELLO_SUBJECT, new Uint8Array(), waitMs, most);
  const found = new Map<string, Hello>();
  for (const answer of answers) {
    try {
      const hello = readWire(helloSchema, answer, 'a greeting');
      found.set(hello.facts.id, hello);
    } catch {
      onGarbage();
    }
  }
  return [...found.values()].sort((a, b) => (a.facts.id < b.facts.id ? -1 : 1));
}
