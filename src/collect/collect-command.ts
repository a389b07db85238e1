import { join } from 'node:path';
import { ConfigError } from '../errors.js';
import { createRedact } from '../redact.js';
import { EXIT } from '../report/exit-codes.js';
import { makeFolder } from '../run/make-folder.js';
import type { Output } from '../run/output.js';
import { listenForStop, type SignalSource } from '../run/stop-signals.js';
import { createClock } from '../seams-node.js';
import { overridesOf } from './alert-config.js';
import { ALERT_FILE, AlertLog } from './alert-log.js';
import { type CollectOrder, openCollector } from './open-collector.js';
import { SYSTEM_FILE, SystemFile } from './system-file.js';

/** What `dorami-load collect` was asked to do; values checked. */
export interface CollectOptions extends CollectOrder {
  /** Absent = until it is stopped. */
  readonly durationMs?: number;
  readonly out: string;
  readonly quiet: boolean;
  /** Masked wherever they would stand. */
  readonly secrets: readonly string[];
}

export interface CollectCommandDeps {
  readonly output: Output;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly signals: SignalSource & { exit(code: number): never };
}

/**
 * Collects until it is stopped or its time is over.
 * @throws {ConfigError} for a folder that cannot be written
 */
export async function collectCommand(
  options: CollectOptions,
  { output, env, signals }: CollectCommandDeps,
): Promise<{ exitCode: number; reason?: string }> {
  const { intervalMs, durationMs, out, quiet, secrets } = options;
  const redact = createRedact(secrets);
  const path = join(out, SYSTEM_FILE);
  const say = (text: string): void => {
    if (!quiet) output.line(redact(text));
  };
  const file = new SystemFile(path, redact);
  const overrides = overridesOf(options.config.alerts);
  const alertPath = join(out, ALERT_FILE);
  const alerts = new AlertLog({ path: alertPath, intervalMs, overrides, redact, say });
  await prepare(file, path, out);
  await prepare(alerts, alertPath, out);
  const clock = createClock(performance.timeOrigin + performance.now());
  const { collector, sources, close } = openCollector(options, clock, env, {
    onLine(line) {
      file.append(line);
      alerts.take(line);
    },
    onTurn: (name, gap) => say(gap === undefined ? `${name}: back` : `${name}: gap: ${gap}`),
  });
  const stop = listenForStop(
    signals,
    () => performance.now(),
    () => signals.exit(EXIT.stoppedTwice),
  );
  let cancel = (): void => {};
  try {
    say(`${sources} sources every ${intervalMs / 1000} s into ${path}`);
    collector.start();
    const over = new Promise<string>((resolve) => {
      if (durationMs !== undefined) cancel = clock.after(durationMs, () => resolve('time is over'));
    });
    const end = await Promise.race([stop.first.then((signal) => `stopped by ${signal}`), over]);
    await collector.stop();
    await file.flush();
    const lost = [
      { path, ...file.lost },
      { path: alertPath, ...(await alerts.flush()) },
    ].find(({ lines }) => lines > 0);
    say(`${end}: ${file.written} lines in ${path}; ${alerts.summary()}`);
    if (lost === undefined) return { exitCode: EXIT.pass };
    return {
      exitCode: EXIT.internal,
      reason: `${lost.lines} lines could not be written to ${lost.path}: ${lost.why}`,
    };
  } finally {
    cancel();
    close();
    stop.dispose();
  }
}

async function prepare(file: { prepare(): Promise<void> }, path: string, folder: string): Promise<void> {
  try {
    await makeFolder(folder);
    await file.prepare();
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const problem = `cannot be written: ${code ?? message}`;
    throw new ConfigError([{ path: '--out', problem, seen: path }], { cause: error });
  }
}
