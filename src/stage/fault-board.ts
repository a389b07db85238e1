/** Which faults are planted, running and over, with the times at which they really began and ended. */
import type { Emission } from './emissions.js';
import { FAULTS, type FaultKind, type FaultParameter, type FaultSpec } from './fault-spec.js';
import type { StageClock } from './stage-clock.js';

export interface FaultRecord {
  readonly id: number;
  readonly kind: FaultKind;
  readonly parameters: Readonly<Record<string, FaultParameter>>;
  readonly forSeconds?: number;
  readonly plannedEpochMs: number;
  startedEpochMs?: number;
  endedEpochMs?: number;
  /** Faults that silence the media: what left last for FLV viewers before it, and first after it. */
  lastEmissionBefore?: Emission;
  firstEmissionAfter?: Emission;
}

/** What a kind of fault does when it begins and ends; most are only asked for with `active`. */
export interface FaultActor {
  begin?(record: FaultRecord): void;
  end?(record: FaultRecord): void;
}

/** Records kept; older ones that are over are forgotten. */
const MAX_RECORDS = 1000;

export class FaultBoard {
  readonly #clock: StageClock;
  readonly #actors: Partial<Record<FaultKind, FaultActor>> = {};
  readonly #cancels = new Map<number, () => void>();
  #records: FaultRecord[] = [];
  #nextId = 1;

  constructor(clock: StageClock) {
    this.#clock = clock;
  }

  /** Says what `kind` does. */
  act(kind: FaultKind, actor: FaultActor): void {
    this.#actors[kind] = actor;
  }

  get records(): readonly FaultRecord[] {
    return this.#records;
  }

  /** The running fault of this kind, the newest if several. */
  active(kind: FaultKind): FaultRecord | undefined {
    return this.#records.findLast((record) => record.kind === kind && isRunning(record));
  }

  /** The `ms` of the running fault of this kind, or `defaultMs` where it names none; undefined while none runs. */
  spanMs(kind: FaultKind, defaultMs: number): number | undefined {
    const fault = this.active(kind);
    if (fault === undefined) return undefined;
    const { ms } = fault.parameters;
    return typeof ms === 'number' && ms >= 0 ? ms : defaultMs;
  }

  plant(spec: FaultSpec): FaultRecord {
    const record: FaultRecord = {
      id: this.#nextId++,
      kind: spec.kind,
      parameters: spec.parameters,
      ...(spec.forSeconds === undefined ? {} : { forSeconds: spec.forSeconds }),
      plannedEpochMs: this.#clock.epochMs() + spec.atSeconds * 1000,
    };
    this.#records.push(record);
    this.#forgetOld();
    if (spec.atSeconds === 0) this.#begin(record);
    else this.#later(record, spec.atSeconds, () => this.#begin(record));
    return record;
  }

  /** Ends what runs and cancels what waits: of one kind, the one with an id, or all. Returns how many. */
  lift(which?: FaultKind | number): number {
    const open = this.#records.filter((record) => {
      const isMeant = which === undefined || record.kind === which || record.id === which;
      return record.endedEpochMs === undefined && isMeant;
    });
    for (const record of open) this.#end(record);
    return open.length;
  }

  /** Cancels all timers; nothing is ended. */
  close(): void {
    for (const cancel of this.#cancels.values()) cancel();
    this.#cancels.clear();
  }

  #begin(record: FaultRecord): void {
    record.startedEpochMs = this.#clock.epochMs();
    this.#actors[record.kind]?.begin?.(record);
    if (FAULTS[record.kind].shape === 'once') record.endedEpochMs = record.startedEpochMs;
    else if (record.forSeconds !== undefined) this.#later(record, record.forSeconds, () => this.#end(record));
  }

  #end(record: FaultRecord): void {
    this.#cancels.get(record.id)?.();
    this.#cancels.delete(record.id);
    record.endedEpochMs = this.#clock.epochMs();
    if (record.startedEpochMs !== undefined) this.#actors[record.kind]?.end?.(record);
  }

  #later(record: FaultRecord, seconds: number, fn: () => void): void {
    this.#cancels.get(record.id)?.();
    this.#cancels.set(record.id, this.#clock.after(seconds * 1000, fn));
  }

  #forgetOld(): void {
    if (this.#records.length <= MAX_RECORDS) return;
    const oldest = this.#records.findIndex((record) => record.endedEpochMs !== undefined);
    if (oldest !== -1) this.#records.splice(oldest, 1);
  }
}

function isRunning(record: FaultRecord): boolean {
  return record.startedEpochMs !== undefined && record.endedEpochMs === undefined;
}
