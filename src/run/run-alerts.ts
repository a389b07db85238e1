import { join } from 'node:path';
import type { OpenAlert } from '../alerts/engine.js';
import { overridesOf } from '../collect/alert-config.js';
import { AlertLog } from '../collect/alert-log.js';
import type { RunConfig } from '../config.js';
import type { AlertEntry } from '../dashboard/state.js';
import { createRedact } from '../redact.js';
import type { OnSystemLine } from './run-collector.js';
import { RUN_FILES } from './run-folder.js';

/** The alerts of one run. */
export interface RunAlerts {
  readonly take: OnSystemLine;
  /** What holds, newest first. */
  open(): readonly OpenAlert[];
  /** All lines are on the disk, or it is told that they are not. */
  end(): Promise<void>;
}

/**
 * Raises alerts into the folder of a run that collects; undefined when nothing is collected. The log is there from the
 * start, so that an empty one says that none was raised.
 */
export async function openRunAlerts(
  { collect }: Pick<RunConfig, 'collect'>,
  folder: string,
  say: (text: string) => void,
  takeAlert: (entry: AlertEntry) => void,
): Promise<RunAlerts | undefined> {
  if (collect === undefined) return undefined;
  const redact = createRedact(collect.secrets.map((secret) => secret.reveal()));
  const path = join(folder, RUN_FILES.alerts);
  const log = new AlertLog({
    ...{ path, intervalMs: collect.intervalMs, redact },
    overrides: overridesOf(collect.config.alerts),
    say: (text) => say(`platform: ${redact(text)}`),
    onChange: ({ kind, id, name, words, raisedAtMs, atMs }) =>
      takeAlert({
        id: name === '' ? id : `${id} ${name}`,
        words: redact(words),
        raisedAtMs,
        ...(kind === 'cleared' ? { clearedAtMs: atMs } : {}),
      }),
  });
  try {
    await log.prepare();
  } catch (error) {
    say(`platform: ${path} cannot be written: ${redact(String((error as Error).message))}`);
  }
  return {
    take: (line) => log.take(line),
    open: () => log.open(),
    async end() {
      const { lines, why } = await log.flush();
      say(`platform: ${log.summary()}`);
      if (lines > 0) say(`platform: ${lines} lines of ${path} could not be written: ${why}`);
    },
  };
}
