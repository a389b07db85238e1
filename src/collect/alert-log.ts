import { type AlertChange, AlertEngine, type AlertOverrides, type OpenAlert } from '../alerts/engine.js';
import type { AlertLogLine } from './alert-schema.js';
import type { SystemLine } from './line.js';
import { SystemFile } from './system-file.js';

/** Its name in the folder. */
export const ALERT_FILE = 'alerts.ndjson';

export interface AlertLogOptions {
  readonly path: string;
  readonly intervalMs: number;
  readonly overrides: AlertOverrides;
  redact(text: string): string;
  /** Of each change, one line for people. */
  say(text: string): void;
  onChange?(change: AlertChange): void;
}

/** The alerts of the lines that it is given, into `alerts.ndjson`. */
export class AlertLog {
  readonly #options: AlertLogOptions;
  readonly #engine: AlertEngine;
  readonly #file: SystemFile;
  readonly #counts = { raised: 0, critical: 0 };

  constructor(options: AlertLogOptions) {
    this.#options = options;
    this.#engine = new AlertEngine(options.intervalMs, options.overrides);
    this.#file = new SystemFile(options.path, options.redact);
  }

  /** @throws when it cannot be written */
  async prepare(): Promise<void> {
    await this.#file.prepare();
  }

  /** Within a run its time is the run's, else the wall clock's. */
  take(line: SystemLine): void {
    const atMs = line.atMs ?? Date.parse(line.timestamp);
    for (const change of this.#engine.feed({ ...line }, atMs)) {
      this.#file.append(logLine(change, line));
      if (change.kind === 'raised') {
        this.#counts.raised++;
        if (change.severity === 'critical') this.#counts.critical++;
      }
      this.#options.say(alertWords(change));
      this.#options.onChange?.(change);
    }
  }

  /** What holds, newest first. */
  open(): OpenAlert[] {
    return this.#engine.open();
  }

  /** How it was, in words. */
  summary(): string {
    const { raised, critical } = this.#counts;
    const open = this.#engine.open();
    if (raised === 0) return 'no alert was raised';
    const known = open.filter(({ unknownSinceMs }) => unknownSinceMs === undefined).length;
    const unknown = open.length - known;
    return `${raised} alerts (${critical} critical), ${known} hold still${unknown === 0 ? '' : `, of ${unknown} it is not known`}`;
  }

  /** Resolves when all that can be written is. */
  async flush(): Promise<{ readonly lines: number; readonly why: string }> {
    await this.#file.flush();
    return this.#file.lost;
  }
}

const MS_PER_S = 1000;

/** `alert critical: docker.web: CPU 80 % (> 75 % for 60 s)`, `alert over after 75 s: ...` */
export function alertWords({ kind, severity, words, atMs, raisedAtMs }: AlertChange): string {
  if (kind === 'raised') return `alert ${severity}: ${words}`;
  return `alert over after ${Math.round((atMs - raisedAtMs) / MS_PER_S)} s: ${words}`;
}

function logLine(
  { kind, id, name, severity, words, value, atMs, raisedAtMs }: AlertChange,
  line: SystemLine,
): AlertLogLine {
  return {
    timestamp: line.timestamp,
    ...(line.atMs === undefined ? {} : { atMs }),
    ...{ kind, id },
    ...(name === '' ? {} : { name }),
    ...{ severity, words },
    ...(value === undefined ? {} : { value }),
    ...(kind === 'cleared' ? { heldMs: atMs - raisedAtMs } : {}),
  };
}
