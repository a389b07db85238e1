import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { type CutRelay, startCutRelay } from '../../support/cut-relay.js';
import { startTestBroker, type TestBroker } from '../../support/nats-broker.js';
import { faultsIn, remainsOf } from './check.js';
import {
  type Blow,
  BOXES,
  type BoxName,
  blowWords,
  planOf,
  type RoundPlan,
  RUN_MS,
  WORKERS,
} from './plan.js';

const BIN = fileURLToPath(new URL('../../../bin/dorami-load.js', import.meta.url));
const REDIRECT = fileURLToPath(new URL('redirect.mjs', import.meta.url));
const VIEWERS = 12;
/** Of the planned end: what a lost box is waited for, what its next process has to say, and the reports. */
const BOUND_MS = 75_000;

export interface RoundResult {
  readonly plan: RoundPlan;
  /** What is wrong, in words; empty = nothing. */
  readonly faults: readonly string[];
  readonly exitCode: number | undefined;
  readonly ticks: number;
  readonly tookMs: number;
}

/** A run over three boxes in processes of their own, and what goes wrong in it. */
export async function playRound(seed: number): Promise<RoundResult> {
  const plan = planOf(seed);
  const world = await World.open(plan);
  const beganMs = performance.now();
  try {
    await world.begin();
    await Promise.all(plan.blows.map((blow) => world.strike(blow)));
    const exitCode = await world.end(RUN_MS + BOUND_MS);
    const tookMs = performance.now() - beganMs;
    const { faults, ticks } = world.check(exitCode);
    if (faults.length > 0)
      console.error(`seed ${seed}: ${plan.blows.map(blowWords).join('; ')}\n${world.said()}`);
    return { plan, faults, exitCode, ticks, tookMs };
  } finally {
    await world.close();
  }
}

class World {
  readonly #plan: RoundPlan;
  readonly #folder: string;
  readonly #broker: TestBroker;
  readonly #relays: ReadonlyMap<string, CutRelay>;
  readonly #children = new Map<string, ChildProcess>();
  readonly #said = new Map<string, string>();
  #startedMs = 0;

  private constructor(
    plan: RoundPlan,
    folder: string,
    broker: TestBroker,
    relays: ReadonlyMap<string, CutRelay>,
  ) {
    this.#plan = plan;
    this.#folder = folder;
    this.#broker = broker;
    this.#relays = relays;
  }

  static async open(plan: RoundPlan): Promise<World> {
    const folder = mkdtempSync(join(tmpdir(), 'dorami-chaos-'));
    const broker = await startTestBroker();
    const relays = new Map<string, CutRelay>();
    for (const name of [...BOXES, 'coordinator']) relays.set(name, await startCutRelay(broker.port));
    return new World(plan, folder, broker, relays);
  }

  /** Resolves when the run's time has begun. */
  async begin(): Promise<void> {
    for (const name of BOXES) this.#agent(name);
    this.#coordinator();
    const untilMs = performance.now() + 60_000;
    while (!this.#hasBegun()) {
      if (performance.now() > untilMs) throw new Error(`the run does not begin\n${this.said()}`);
      await delay(20);
    }
    this.#startedMs = performance.now();
  }

  #hasBegun(): boolean {
    const folder = this.#runFolder();
    if (folder === undefined) return false;
    return readFileSync(join(folder, 'events.ndjson'), 'utf8').includes('run_started');
  }

  async strike(blow: Blow): Promise<void> {
    await delay(Math.max(0, this.#startedMs + blow.atMs - performance.now()));
    const { whom } = blow;
    switch (blow.kind) {
      case 'crash':
        return;
      case 'tear':
      case 'hang':
        this.#relays.get(whom)?.[blow.kind]();
        await delay(blow.forMs);
        this.#relays.get(whom)?.heal();
        return;
      case 'pause':
        this.#signal(whom, 'SIGSTOP');
        await delay(blow.forMs);
        this.#signal(whom, 'SIGCONT');
        return;
      case 'kill':
        if (whom === 'broker') {
          await this.#broker.kill();
          await delay(blow.forMs);
          return this.#broker.begin();
        }
        if (whom === 'coordinator') {
          await this.#behead(blow.forMs);
          if (!('againMs' in blow)) return;
          await delay(blow.againMs);
          return this.#behead(blow.forMs);
        }
        if (this.#children.get(whom)?.exitCode !== null) return;
        this.#signal(whom, 'SIGKILL');
        await delay(blow.forMs);
        this.#agent(whom);
    }
  }

  /** Kills the coordinator, unless it has ended, and takes its run up. */
  async #behead(afterMs: number): Promise<void> {
    if (this.#children.get('coordinator')?.exitCode !== null) return;
    this.#signal('coordinator', 'SIGKILL');
    await delay(afterMs);
    this.#start('coordinator', ['resume', this.#runFolder() ?? ''], {});
  }

  /** The exit code of the coordinator; undefined = it did not end in time. */
  async end(withinMs: number): Promise<number | undefined> {
    const child = this.#children.get('coordinator');
    if (child === undefined) return undefined;
    if (child.exitCode !== null) return child.exitCode;
    const ended = new Promise<number | undefined>((resolve) =>
      child.once('exit', (code) => resolve(code ?? undefined)),
    );
    const left = this.#startedMs + withinMs - performance.now();
    return Promise.race([ended, delay(left, undefined, { ref: false })]);
  }

  check(exitCode: number | undefined): { faults: string[]; ticks: number } {
    const folder = this.#runFolder();
    if (folder === undefined) return { faults: ['there is no run folder'], ticks: 0 };
    const remains = remainsOf(
      BOXES.map((name) => this.#ledger(name)),
      folder,
    );
    const { isInvalid, mayBeInvalid, unheard } = this.#plan;
    const right = [...(mayBeInvalid ? [111] : []), ...(isInvalid ? [] : [114])];
    const isRight = right.some((code) => code === exitCode);
    const state = isRight
      ? []
      : [`ended with ${exitCode ?? 'nothing, in time'}, ${right.join(' or ')} is right`];
    return { faults: [...state, ...faultsIn({ ...remains, unheard })], ticks: remains.written.size };
  }

  said(): string {
    return [...this.#said].map(([name, text]) => `--- ${name}\n${text.slice(-3000)}`).join('\n');
  }

  async close(): Promise<void> {
    for (const child of this.#children.values()) child.kill('SIGKILL');
    for (const relay of this.#relays.values()) relay.close();
    await this.#broker.close();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  #agent(name: BoxName): void {
    const crash = this.#plan.blows.find(({ kind, whom }) => kind === 'crash' && whom === name);
    const death = crash?.kind === 'crash' ? { FAKE_DEATH: `${name}:${crash.worker}:${crash.atMs}` } : {};
    const dir = join(this.#folder, name);
    mkdirSync(dir, { recursive: true });
    this.#start(name, ['agent', '--name', name, '--workers', `${WORKERS}`, '--dir', dir], {
      ...death,
      OUTBOX_LEDGER: this.#ledger(name),
    });
  }

  #coordinator(): void {
    const load = [
      ...['run', '--target', 'http://127.0.0.1:9', '--no-preflight', '--no-report'],
      ...['--vus', `${VIEWERS}`, '--duration', `${RUN_MS}ms`, '--out', join(this.#folder, 'runs')],
      ...['--agents', `${BOXES.length}`, '--quiet', '--on-agent-loss', this.#plan.onLoss],
    ];
    this.#start('coordinator', load, {});
  }

  #start(name: string, args: readonly string[], env: Readonly<Record<string, string>>): void {
    const url = this.#broker.url(this.#relays.get(name)?.port);
    const child = spawn(process.execPath, ['--import', REDIRECT, BIN, ...args], {
      cwd: this.#folder,
      env: { ...process.env, ...env, DORAMI_LOAD_NATS: url, DORAMI_LOAD_STREAM_KEY: 'none' },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.#said.set(name, `${this.#said.get(name) ?? ''}${text}`);
    });
    this.#children.set(name, child);
  }

  #signal(whom: string, signal: NodeJS.Signals): void {
    if (whom === 'broker') this.#broker.signal(signal);
    else this.#children.get(whom)?.kill(signal);
  }

  #ledger(name: BoxName): string {
    return join(this.#folder, `${name}.ledger`);
  }

  #runFolder(): string | undefined {
    const runs = join(this.#folder, 'runs');
    const [name] = existsSync(runs) ? readdirSync(runs) : [];
    return name === undefined || !existsSync(join(runs, name, 'events.ndjson'))
      ? undefined
      : join(runs, name);
  }
}
