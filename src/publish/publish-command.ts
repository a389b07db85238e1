import { createInterface } from 'node:readline';
import { startClockServer } from '../clock/clock-server.js';
import { createRedact } from '../redact.js';
import { EXIT } from '../report/exit-codes.js';
import type { Output } from '../run/output.js';
import { listenForStop, type SignalSource } from '../run/stop-signals.js';
import { Broadcast } from './broadcast.js';
import { CONTROL_WORDS, carryOut, controlCommand } from './control.js';
import { startControlServer } from './control-server.js';
import { type FfmpegProcess, type StartFfmpeg, spawnFfmpeg } from './ffmpeg-process.js';
import { lineBudget } from './line-budget.js';
import type { PublishOptions } from './options.js';
import { outcomeOfEnd, outcomeOfStop } from './outcome.js';
import type { SideServer } from './side-server.js';
import { closingLine, STATE_WORDS, statusLine, statusOf } from './status.js';
import { wallEpochUs } from './wall-clock.js';

export interface PublishCommandDeps {
  readonly output: Output;
  readonly signals: SignalSource & { exit(code: number): never };
  /** Commands come in on it, a line each. */
  readonly stdin: NodeJS.ReadStream;
}

const STATUS_EVERY_MS = 5000;
const SAMPLE_EVERY_MS = 1000;
const TIME_IS_OVER = 'time is over';
/** Listened on, these are every address of the machine, and none that a run could ask. */
const EVERY_ADDRESS: readonly string[] = ['0.0.0.0', '::'];

/**
 * Publishes until it is stopped, its time is over, or something of it ends by itself.
 * @throws {ConfigError} for a port that cannot be had
 */
export async function publishCommand(
  options: PublishOptions,
  { output, signals, stdin }: PublishCommandDeps,
): Promise<{ exitCode: number; reason?: string }> {
  const redact = createRedact(options.secrets);
  const say = (text: string): void => output.line(redact(text));
  const children = new Set<FfmpegProcess>();
  const stop = listenForStop(
    signals,
    () => performance.now(),
    () => {
      // One that waits for a server does not see that we are gone.
      for (const child of children) child.kill('SIGKILL');
      signals.exit(EXIT.stoppedTwice);
    },
  );
  const start: StartFfmpeg = (spec) => {
    const child = spawnFfmpeg(spec);
    children.add(child);
    void child.ended.then(() => children.delete(child));
    return child;
  };
  const broadcast = startBroadcast(options, start, say);
  const servers: SideServer[] = [];
  const timers = [
    setInterval(() => broadcast.meter.sample(performance.now(), broadcast.sentBytes), SAMPLE_EVERY_MS),
    setInterval(() => options.quiet || say(statusLine(statusOf(broadcast))), STATUS_EVERY_MS),
  ];
  try {
    servers.push(...(await startServers(options, broadcast, say)));
    listenToLines(stdin, broadcast, say);
    const end = await Promise.race([
      broadcast.ended,
      stop.first.then((signal) => `stopped by ${signal}`),
      over(options.durationMs, timers),
    ]);
    if (typeof end !== 'string') return outcomeOfEnd(end, options, redact);
    const { meter, wasOnAir } = broadcast;
    say(`${end}: ${wasOnAir ? closingLine(meter) : 'nothing was published'}`);
    return outcomeOfStop(end === TIME_IS_OVER ? 'time' : 'signal', options, wasOnAir, redact);
  } finally {
    for (const timer of timers) clearInterval(timer);
    stdin.pause();
    await Promise.all([broadcast.stop(), ...servers.map((server) => server.close())]);
    stop.dispose();
  }
}

function startBroadcast(options: PublishOptions, start: StartFfmpeg, say: (text: string) => void): Broadcast {
  const budget = lineBudget();
  return new Broadcast(options, {
    start,
    epochUs: wallEpochUs,
    onLine: (who, line) => {
      for (const text of budget(`${who}: ${line}`, performance.now())) say(text);
    },
    // Its end is told by the last line.
    onState: (state) => state !== 'ended' && say(STATE_WORDS[state]),
  });
}

/** What else listens while the broadcast runs. */
async function startServers(
  { controlPort, clock }: PublishOptions,
  broadcast: Broadcast,
  say: (text: string) => void,
): Promise<SideServer[]> {
  const servers: SideServer[] = [];
  try {
    if (controlPort !== undefined) {
      const server = await startControlServer(controlPort, broadcast);
      servers.push(server);
      say(
        `control at http://127.0.0.1:${server.port} (POST /pause /resume /drop?s=5 /new-timestamps, GET /status)`,
      );
    }
    if (clock !== undefined) {
      const server = await startClockServer({ ...clock, epochMs: () => wallEpochUs() / 1000 });
      servers.push(server);
      const named = EVERY_ADDRESS.includes(clock.host) ? ', with an address of this machine' : '';
      say(`clock at ${server.url} (--capture-clock of a run${named})`);
    }
  } catch (error) {
    await Promise.all(servers.map((server) => server.close()));
    throw error;
  }
  return servers;
}

function listenToLines(stdin: NodeJS.ReadStream, broadcast: Broadcast, say: (text: string) => void): void {
  stdin.on('error', () => {});
  createInterface({ input: stdin }).on('line', (line) => {
    const [name = '', value, ...more] = line.trim().split(/\s+/);
    if (name === '') return;
    const command = more.length > 0 ? undefined : controlCommand(name, value);
    if (command === undefined) say(`not understood: ${line.slice(0, 80)} (${CONTROL_WORDS})`);
    else if (command.kind === 'status') say(statusLine(statusOf(broadcast)));
    else void carryOut(command, broadcast).then((refusal) => refusal !== undefined && say(refusal));
  });
}

/** Resolves when the time is over; never, if there is none. */
function over(durationMs: number | undefined, timers: NodeJS.Timeout[]): Promise<string> {
  return new Promise((resolve) => {
    if (durationMs !== undefined) timers.push(setTimeout(() => resolve(TIME_IS_OVER), durationMs));
  });
}
