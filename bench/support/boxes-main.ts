import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Agent } from '../../src/cluster/agent.js';
import type { AgentBox } from '../../src/cluster/agent-run.js';
import type { BoxHandlers } from '../../src/cluster/box.js';
import { openNatsLink } from '../../src/cluster/nats-link.js';
import type { BoxFacts } from '../../src/cluster/protocol.js';
import { createSealKeys } from '../../src/cluster/seal.js';
import { farCells } from '../../src/far-viewers.js';
import type { ToWorker } from '../../src/protocol.js';
import { createClock } from '../../src/seams-node.js';
import type { Tick } from '../../src/stats/tick.js';
import type { BoxesJob } from './boxes-job.js';

/**
 * Many load boxes in one process: the real far end of the wire, outbox on disk included, and in place of threads with
 * viewers recorded ticks, one a second from each worker, at instants that are spread over the second as those of real
 * threads are. Ends when its input does.
 */
const job = JSON.parse(process.argv[2] ?? '') as BoxesJob;
const recorded = readFileSync(job.ticksFile, 'utf8')
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line) as Tick);
const folder = mkdtempSync(join(tmpdir(), 'dorami-bench-boxes-'));
const clock = createClock(Date.now());
const TICK_MS = 1000;

class RecordedBox implements AgentBox {
  readonly id: string;
  readonly facts: BoxFacts;
  readonly done: Promise<void>;
  readonly #handlers: BoxHandlers;
  readonly #place: number;
  readonly #timers: NodeJS.Timeout[] = [];
  #over: () => void = () => {};
  #seq = 0;

  constructor(facts: BoxFacts, place: number, handlers: BoxHandlers) {
    this.facts = facts;
    this.id = facts.id;
    this.#handlers = handlers;
    this.#place = place;
    this.done = new Promise((resolve) => {
      this.#over = resolve;
    });
  }

  async prepare(): Promise<void> {}

  /** Nobody stands in a chat room here. */
  readonly inRoom = 0;
  readonly far = new Int32Array(farCells(job.boxes));

  send(message: ToWorker): void {
    if (message.kind === 'leave') this.#end();
    if (message.kind !== 'start') return;
    const spreadMs = ((this.#place * 37) % 100) * 10;
    const next = (): void => {
      const dueMs = message.startEpochMs + (this.#seq + 1) * TICK_MS + spreadMs - clock.epochMs();
      this.#timers[0] = setTimeout(() => {
        this.#say(this.#seq, false);
        this.#seq += 1;
        if (this.#seq >= job.seconds) this.#end();
        else next();
      }, dueMs);
    };
    next();
  }

  async destroy(): Promise<void> {
    for (const timer of this.#timers) clearTimeout(timer);
    this.#over();
  }

  #end(): void {
    for (const timer of this.#timers) clearTimeout(timer);
    this.#say(this.#seq, true);
    setTimeout(() => this.#over(), 10);
  }

  #say(seq: number, isLast: boolean): void {
    for (let worker = 0; worker < job.workers; worker++) {
      const source = recorded[(seq * 7 + this.#place * 31 + worker * 113) % recorded.length] as Tick;
      const { last: _, ...rest } = source;
      const tick: Tick = {
        ...{ ...rest, box: this.id, worker, seq, fromMs: seq * TICK_MS, toMs: (seq + 1) * TICK_MS },
        ...(isLast ? { last: true as const } : {}),
      };
      this.#handlers.onMessage(this.id, worker, { kind: 'tick', tick });
    }
  }
}

/** Each asks first whether there is another of its name: all at once, or the last would begin minutes after the first. */
async function begin(place: number): Promise<void> {
  const id = `box-${String(place).padStart(3, '0')}`;
  const link = await openNatsLink({ url: job.url, name: id, patienceMs: 10_000 });
  const keys = createSealKeys();
  const facts: BoxFacts = {
    ...{ id, version: job.version, nodeVersion: process.version, hostname: id, cores: job.workers },
    ...{ memoryBytes: 2 ** 33, workers: job.workers, weight: 1, allowTargets: [] },
  };
  const agent = new Agent({
    ...{ link, clock, facts, dir: join(folder, id), publicKey: keys.publicKey },
    epoch: `e${Date.now().toString(36)}${place}`,
    open: (sealed) => keys.open(sealed),
    openBox: (handlers) => new RecordedBox(facts, place, handlers),
    refusal: async () => undefined,
    say: () => {},
  });
  await agent.start();
}
await Promise.all(Array.from({ length: job.boxes }, (_, place) => begin(place)));
console.log('ready');
process.stdin.resume().once('end', () => {
  rmSync(folder, { recursive: true, force: true });
  process.exit(0);
});
