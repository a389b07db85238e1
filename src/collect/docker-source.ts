import { type InspectedContainer, parseContainers, parseInspect, parseStats } from './docker-api.js';
import { type Chosen, type ContainerChoice, chooseContainers } from './docker-names.js';
import type { StatsStream } from './docker-stream.js';
import { ContainerMemory, stoppedWords } from './docker-values.js';
import type { Part, Source } from './reading.js';

/** The engine, asked and listened to. */
export interface DockerEngine {
  /** `path` begins with a slash. Rejects, with a reason, when there is no whole answer. */
  get(path: string, signal: AbortSignal): Promise<{ readonly status: number; readonly body: string }>;
  stream(path: string): StatsStream;
  close(): void;
}

export interface DockerSourceOptions {
  readonly engine: DockerEngine;
  readonly choice: ContainerChoice;
  nowMs(): number;
}

/** More is a pattern that was not meant. */
const MAX_CONTAINERS = 50;
/** Names that are remembered when their containers have gone. */
const MAX_GONE = 50;
/** The engine sends a line about once a second. */
const MAX_SILENCE_MS = 6000;

/** Containers of a Docker Engine, by its API: list, inspection and the stream of stats of each one that runs. */
export function createDockerSource({ engine, choice, nowMs }: DockerSourceOptions): Source {
  const containers = new Containers(engine, nowMs);
  return {
    name: 'docker',
    section: 'docker',
    read: async (signal) => {
      const { status, body } = await engine.get('/containers/json?all=true', signal);
      if (status !== 200) throw new Error(`the engine answered ${status}`);
      const list = parseContainers(body);
      if (list === undefined) throw new Error('the list of containers is no answer of the engine');
      const chosen = chooseContainers(choice, list);
      if (chosen.length > MAX_CONTAINERS)
        throw new Error(`${chosen.length} containers are wanted, at most ${MAX_CONTAINERS}`);
      const looks = await Promise.all(chosen.map((each) => inspect(engine, each, signal)));
      // Nobody hears a late answer, so nothing may be counted from it.
      signal.throwIfAborted();
      return { values: {}, parts: containers.take(looks) };
    },
    close: async () => {
      containers.close();
      engine.close();
    },
  };
}

type Inspection =
  | { readonly key: string; readonly id: string; readonly inspected: InspectedContainer }
  | { readonly key: string; readonly gap: string; readonly hasGone?: boolean };

async function inspect(engine: DockerEngine, chosen: Chosen, signal: AbortSignal): Promise<Inspection> {
  const { key } = chosen;
  if ('gap' in chosen) return { key, gap: chosen.gap, hasGone: true };
  const { id } = chosen.container;
  try {
    const { status, body } = await engine.get(`/containers/${id}/json`, signal);
    if (status === 404) return { key, gap: GONE, hasGone: true };
    if (status !== 200) return { key, gap: `its inspection answered ${status}` };
    const inspected = parseInspect(body);
    return inspected === undefined
      ? { key, gap: 'its inspection is no answer of the engine' }
      : { key, id, inspected };
  } catch (error) {
    return { key, gap: `its inspection: ${error instanceof Error ? error.message : String(error)}` };
  }
}

const GONE = 'the container has gone';

/** What is kept of each name: its counts, and the stream of the container that has it now. */
class Containers {
  readonly #engine: DockerEngine;
  readonly #nowMs: () => number;
  readonly #memories = new Map<string, ContainerMemory>();
  readonly #streams = new Map<string, { readonly id: string; readonly stream: StatsStream }>();
  #gone: string[] = [];

  constructor(engine: DockerEngine, nowMs: () => number) {
    this.#engine = engine;
    this.#nowMs = nowMs;
  }

  take(looks: readonly Inspection[]): readonly Part[] {
    const parts = looks.map((look): Part => {
      const { key } = look;
      if ('gap' in look) {
        if (look.hasGone === true) this.#stop(key);
        return { key, gap: look.gap };
      }
      const { id, inspected } = look;
      const memory = this.#memories.get(key) ?? new ContainerMemory();
      this.#memories.set(key, memory);
      memory.note(id, inspected);
      if (inspected.state === 'running') return this.#listen(key, id, inspected, memory);
      this.#stop(key);
      return { key, gap: stoppedWords(inspected) };
    });
    return [...parts, ...this.#absentees(new Set(looks.map(({ key }) => key)))];
  }

  close(): void {
    for (const key of [...this.#streams.keys()]) this.#stop(key);
  }

  /** Names that were there once, the last ones that have gone. */
  #absentees(present: ReadonlySet<string>): Part[] {
    const gone = [...this.#memories.keys()].filter((key) => !present.has(key));
    const order = [
      ...this.#gone.filter((key) => gone.includes(key)),
      ...gone.filter((key) => !this.#gone.includes(key)),
    ];
    for (const key of gone) this.#stop(key);
    for (const key of order.splice(0, Math.max(0, order.length - MAX_GONE))) this.#memories.delete(key);
    this.#gone = order;
    return order.map((key) => ({ key, gap: GONE }));
  }

  #listen(key: string, id: string, inspected: InspectedContainer, memory: ContainerMemory): Part {
    const known = this.#streams.get(key);
    if (known === undefined || known.id !== id) {
      this.#open(key, id);
      return { key, reading: memory.begun(inspected) };
    }
    const { last, ended, openedAtMs } = known.stream;
    const silentMs = this.#nowMs() - (last?.atMs ?? openedAtMs);
    const sample = last === undefined ? undefined : parseStats(last.text);
    const isStale = silentMs > MAX_SILENCE_MS;
    // The next look finds the new stream's first lines.
    if (ended !== undefined || isStale) this.#open(key, id);
    if (ended !== undefined) return { key, gap: ended };
    if (isStale) return { key, gap: `no stats for ${Math.round(silentMs / 1000)} s` };
    if (last === undefined) return { key, reading: memory.begun(inspected) };
    if (sample === undefined) return { key, gap: 'its stats say nothing' };
    // Begun anew while we looked: the line is still of the life before.
    if (sample.readEpochMs < Date.parse(inspected.startedAt))
      return { key, reading: memory.begun(inspected) };
    return { key, reading: memory.reading(inspected, sample, last.atMs) };
  }

  #open(key: string, id: string): void {
    this.#stop(key);
    this.#streams.set(key, { id, stream: this.#engine.stream(`/containers/${id}/stats?stream=true`) });
  }

  #stop(key: string): void {
    this.#streams.get(key)?.stream.close();
    this.#streams.delete(key);
  }
}
