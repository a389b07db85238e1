import { join } from 'node:path';
import type { SystemLine } from '../collect/line.js';
import { systemLineSchema } from '../collect/line-schema.js';
import type { Glance } from '../dashboard/glance.js';
import type { AlertEntry } from '../dashboard/state.js';
import { addTick, createTotals } from '../stats/merge.js';
import { RecentWindow } from '../stats/recent.js';
import { decodeTick, MAX_TICK_BYTES } from '../stats/tick-codec.js';
import { alertOfLine } from './alert-line.js';
import { conclude, type Ending } from './conclude.js';
import { MAX_EVENT_CHARS, parseEventLine } from './event-lines.js';
import { GrowingLines } from './growing-lines.js';
import { EndingLog } from './lifecycle.js';
import { createLiveMeters, type LiveMeters, withMeters } from './live-meters.js';
import { RUN_FILES } from './run-folder.js';
import { glanceOf } from './run-glance.js';
import type { RunRecord } from './run-record.js';

/** Whom a follower tells what it has read. */
export interface FollowerEars {
  /** A look for the curves, at each step of run time. */
  keep(glance: Glance): void;
  /** All that is there now. */
  show(glance: Glance): void;
  takeLine(line: SystemLine, atMs: number): void;
  takeAlert(entry: AlertEntry): void;
}

export interface FollowerOptions {
  readonly folder: string;
  readonly record: RunRecord;
  readonly ears: FollowerEars;
  /** Run time from one point of the curves to the next, ms. */
  readonly stepMs: number;
  /** Any clock, ms. */
  nowMs(): number;
}

const MAX_LINE_BYTES = 1 << 20;
/** A run writes every second: one that has written nothing for so long goes no more. */
const SILENT_MS = 15_000;
/** Lines of the platform that wait for their time. */
const MAX_WAITING = 10_000;

/** Reads the folder of a run as it grows: ticks, events, and lines of the platform if there are any. */
export class RunFollower {
  readonly #options: FollowerOptions;
  readonly #ticks: GrowingLines;
  readonly #events: GrowingLines;
  readonly #system: GrowingLines;
  readonly #alerts: GrowingLines;
  readonly #totals = createTotals();
  readonly #recent = new RecentWindow();
  readonly #meters: LiveMeters | undefined;
  #waiting: { readonly atMs: number; readonly line: SystemLine }[] = [];
  readonly #log = new EndingLog();
  #ending: Ending = this.#log.ending();
  #keptAtMs = 0;
  #grewAtMs: number;
  #unreadable = 0;

  constructor(options: FollowerOptions) {
    this.#options = options;
    this.#meters = createLiveMeters(options.record);
    this.#ticks = new GrowingLines(join(options.folder, RUN_FILES.ticks), MAX_TICK_BYTES);
    this.#events = new GrowingLines(join(options.folder, RUN_FILES.events), MAX_EVENT_CHARS);
    this.#system = new GrowingLines(join(options.folder, RUN_FILES.system), MAX_LINE_BYTES);
    this.#alerts = new GrowingLines(join(options.folder, RUN_FILES.alerts), MAX_LINE_BYTES);
    this.#grewAtMs = options.nowMs();
  }

  /** The run came to its end, and all of it was read. */
  get isOver(): boolean {
    return this.#ending.completed;
  }

  /** Lines that are none. */
  get unreadable(): number {
    const files = [this.#ticks, this.#events, this.#system, this.#alerts];
    return files.reduce((sum, { tooLong }) => sum + tooLong, this.#unreadable);
  }

  /** Takes in what is new and shows it. @throws the file system's error */
  async look(): Promise<void> {
    const { ears } = this.#options;
    for (let lines = await this.#events.next(); lines; lines = await this.#events.next())
      this.#takeEvents(lines);
    this.#ending = this.#log.ending();
    for (let lines = await this.#alerts.next(); lines; lines = await this.#alerts.next())
      this.#tellAlerts(lines);
    for (let lines = await this.#system.next(); lines; lines = await this.#system.next()) this.#wait(lines);
    for (let lines = await this.#ticks.next(); lines; lines = await this.#ticks.next()) {
      this.#grewAtMs = this.#options.nowMs();
      for (const line of lines) this.#takeTick(line);
    }
    if (this.#ending.completed) this.#tellUntil(Number.POSITIVE_INFINITY);
    ears.show(this.#glance());
  }

  /** A line that is none is no event, as for whoever judges the folder. */
  #takeEvents(lines: readonly string[]): void {
    for (const text of lines) {
      const event = parseEventLine(text);
      if (event !== undefined) this.#log.addLine(event);
    }
  }

  #takeTick(text: string): void {
    try {
      const tick = decodeTick(text);
      addTick(this.#totals, tick);
      this.#recent.add(tick);
    } catch {
      this.#unreadable++;
      return;
    }
    const { toMs } = this.#totals;
    if (toMs - this.#keptAtMs < this.#options.stepMs) return;
    this.#keptAtMs = toMs;
    this.#tellUntil(toMs);
    this.#options.ears.keep(this.#glance(true));
  }

  #wait(lines: readonly string[]): void {
    for (const text of lines) {
      const line = systemLineOf(text);
      if (line === undefined) {
        this.#unreadable++;
        continue;
      }
      const atMs = line.atMs ?? Date.parse(line.timestamp) - this.#options.record.startEpochMs;
      this.#meters?.take({ ...line, atMs });
      if (this.#waiting.length < MAX_WAITING) this.#waiting.push({ line, atMs });
    }
  }

  #tellAlerts(lines: readonly string[]): void {
    for (const text of lines) {
      const entry = alertOfLine(text);
      if (entry === undefined) this.#unreadable++;
      else this.#options.ears.takeAlert(entry);
    }
  }

  #tellUntil(toMs: number): void {
    const due = this.#waiting.filter(({ atMs }) => atMs <= toMs);
    if (due.length > 0) this.#waiting = this.#waiting.filter(({ atMs }) => atMs > toMs);
    for (const { line, atMs } of due) this.#options.ears.takeLine(line, atMs);
  }

  #glance(isPast = false): Glance {
    const { record, folder, nowMs } = this.#options;
    const ending = this.#ending;
    const silentMs = nowMs() - this.#grewAtMs;
    const isOver = ending.completed && !isPast;
    return glanceOf({
      ...{ record, folder, ending },
      totals: this.#totals,
      recent: this.#recent,
      meters: this.#meters,
      nowMs: this.#totals.toMs,
      ...(isOver ? { conclusion: conclude(record, this.#totals, withMeters(ending, this.#meters)) } : {}),
      ...(!isOver && !isPast && silentMs > SILENT_MS ? { silentMs } : {}),
    });
  }
}

function systemLineOf(text: string): SystemLine | undefined {
  try {
    const parsed = systemLineSchema.safeParse(JSON.parse(text));
    return parsed.success ? (parsed.data as SystemLine) : undefined;
  } catch {
    return undefined;
  }
}
