import { createHash, randomBytes } from 'node:crypto';
import { lookup } from 'node:dns/promises';
import { mkdir, stat } from 'node:fs/promises';
import { hostname, release, tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { Agent, NameTaken } from '../cluster/agent.js';
import { LinkError } from '../cluster/link.js';
import { openNatsLink } from '../cluster/nats-link.js';
import type { BoxFacts, BoxWork } from '../cluster/protocol.js';
import { createSealKeys } from '../cluster/seal.js';
import type { BrokerSetting } from '../config/broker.js';
import { hostOf } from '../config/values.js';
import { ConfigError } from '../errors.js';
import { createAllowList } from '../net/allow-list.js';
import { EXIT } from '../report/exit-codes.js';
import { createClock } from '../seams-node.js';
import { checkLocalAddresses } from './local-addresses.js';
import { LocalBox } from './local-box.js';
import { readMachine } from './machine.js';
import type { Output } from './output.js';
import { listenForStop, type SignalSource } from './stop-signals.js';

/** What `dorami-load agent` was asked to do; values checked. */
export interface AgentOptions {
  readonly broker: BrokerSetting;
  readonly name: string;
  readonly workers: number;
  readonly weight: number;
  readonly maxVus?: number;
  readonly allowTargets: readonly string[];
  readonly localIps: readonly string[];
  readonly deadManMs: number;
  /** Absent = one of this user in the system's folder for temporary files. */
  readonly dir?: string;
  readonly once: boolean;
  readonly quiet: boolean;
  /** Lines as JSON, on stdout. */
  readonly json: boolean;
}

export interface AgentCommandDeps {
  readonly output: Output;
  readonly version: string;
  readonly signals: SignalSource & { exit(code: number): never };
}

/** A broker is often begun together with its agents. */
const BROKER_PATIENCE_MS = 60_000;
/** Of each viewer: a WebSocket, and media or the API. */
const SOCKETS_PER_VIEWER = 2;
/** What the process holds open before the first viewer. */
const OWN_FILES = 80;

/**
 * A load box that waits for work, one run at a time, until it is stopped.
 * @throws {ConfigError} for a folder or an address that cannot be used
 */
export async function agentCommand(
  options: AgentOptions,
  { output, version, signals }: AgentCommandDeps,
): Promise<{ exitCode: number; reason?: string }> {
  const { broker, name, localIps, deadManMs, once } = options;
  const say = speaker(options, output);
  await checkLocalAddresses(localIps);
  const dir = await folderOf(options);
  const facts = factsOf(options, version);
  const stop = listenForStop(
    signals,
    () => performance.now(),
    (signal) => {
      output.line(`exit ${EXIT.stoppedTwice}: stopped by a second ${signal}`);
      signals.exit(EXIT.stoppedTwice);
    },
  );
  try {
    say(`asks ${broker.url} for work: ${capacityWords(facts)}`);
    const { secretUrl, tls } = broker;
    const connecting = openNatsLink({
      ...{ url: secretUrl.reveal(), name: `dorami-load agent ${name}`, patienceMs: BROKER_PATIENCE_MS },
      ...(tls === undefined ? {} : { tls }),
    });
    connecting.catch(() => {});
    const link = await Promise.race([connecting, stop.first]);
    if (typeof link === 'string') {
      void connecting.then((late) => late.close()).catch(() => {});
      return { exitCode: EXIT.pass };
    }
    const up = link.onUp((isUp) => say(isUp ? 'the broker is back' : 'the broker is away'));
    const keys = createSealKeys();
    const agent = new Agent({
      ...{ link, facts, dir, say, deadManMs },
      ...{ epoch: newEpoch(), publicKey: keys.publicKey },
      clock: createClock(performance.timeOrigin + performance.now()),
      open: (sealed) => keys.open(sealed),
      refusal: (work) => refusalOf(work, options),
      openBox: (handlers) =>
        new LocalBox({
          ...{ facts, localIps, handlers, isOneOfMany: true },
          workerUrl: new URL('../worker.js', import.meta.url),
        }),
    });
    try {
      await agent.start();
      say('it waits for a run');
      const served = once ? agent.served() : new Promise<void>(() => {});
      const end = await Promise.race([stop.first, served.then(() => undefined), agent.replaced]);
      const wasBusy = agent.isBusy;
      const waiting = await agent.stop();
      if (waiting > 0)
        return { exitCode: EXIT.stopped, reason: `${waiting} records are undelivered; they stay in ${dir}` };
      if (end !== undefined && wasBusy)
        return { exitCode: EXIT.stopped, reason: `stopped by ${end} in a run` };
      return { exitCode: EXIT.pass };
    } finally {
      await agent.stop();
      up.close();
      await link.close();
    }
  } catch (error) {
    if (error instanceof NameTaken) return { exitCode: EXIT.refused, reason: error.message };
    if (error instanceof LinkError) return { exitCode: EXIT.preflight, reason: error.message };
    throw error;
  } finally {
    stop.dispose();
  }
}

/**
 * Why a box does not take this work: its own list of targets says no, whatever the coordinator's allows.
 * @param resolve the addresses of a name
 */
export async function refusalOf(
  { target, insecure }: Pick<BoxWork, 'target' | 'insecure'>,
  { allowTargets }: Pick<AgentOptions, 'allowTargets'>,
  resolve: (host: string) => Promise<readonly string[]> = addressesOf,
): Promise<string | undefined> {
  const allowed = createAllowList(allowTargets);
  const hosts = new Set([target.apiUrl, target.socketUrl, target.flvUrl, target.hlsUrl].map(hostOf));
  for (const host of hosts) {
    const refused = `${host} is not on this box's own list of targets (its --allow-target)`;
    const verdict = allowed.check(host);
    if (verdict === 'refused') return refused;
    if (verdict === 'allowed') continue;
    const addresses = await resolve(host).catch(() => []);
    if (addresses.length === 0) return `${host} has no address here`;
    if (addresses.some((address) => allowed.check(host, address) !== 'allowed')) return refused;
  }
  return typeof insecure === 'boolean' ? undefined : 'the work does not say whether certificates are checked';
}

async function addressesOf(host: string): Promise<readonly string[]> {
  return (await lookup(host, { all: true })).map(({ address }) => address);
}

function factsOf({ name, workers, weight, maxVus, allowTargets }: AgentOptions, version: string): BoxFacts {
  const { cores, memoryBytes, openFiles } = readMachine();
  // More would find no room for their sockets.
  const room =
    openFiles === undefined
      ? undefined
      : Math.max(0, Math.floor((openFiles - OWN_FILES) / SOCKETS_PER_VIEWER));
  const least = [maxVus, room].filter((one) => one !== undefined);
  return {
    ...{ id: name, version, nodeVersion: process.version, hostname: hostname(), cores, memoryBytes },
    os: `${process.platform} ${release()}`,
    ...{ workers, weight, allowTargets },
    ...(openFiles === undefined ? {} : { openFiles }),
    ...(least.length === 0 ? {} : { maxVus: Math.min(...least) }),
  };
}

function capacityWords({ workers, weight, maxVus, allowTargets }: BoxFacts): string {
  const most = maxVus === undefined ? '' : `, at most ${maxVus} viewers`;
  const targets = allowTargets.length === 0 ? 'this machine only' : allowTargets.join(', ');
  return `${workers} thread${workers === 1 ? '' : 's'}, weight ${weight}${most}; may load ${targets}`;
}

function speaker({ name, quiet, json }: AgentOptions, output: Output): (words: string) => void {
  if (json)
    return (words) => output.result(JSON.stringify({ at: new Date().toISOString(), box: name, words }));
  return (words) => {
    if (!quiet) output.line(`box ${name}: ${words}`);
  };
}

/** Each broker has a folder of its own: what was left of a run of another one is not sent here. */
async function folderOf({ dir, broker, name }: AgentOptions): Promise<string> {
  const { uid } = userInfo();
  const root = dir ?? join(tmpdir(), `dorami-load-agent-${uid}`);
  const folder = join(root, `${createHash('sha256').update(broker.url).digest('hex').slice(0, 12)}-${name}`);
  let problem: string | undefined;
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    if (dir === undefined && uid >= 0 && (await stat(root)).uid !== uid) problem = 'belongs to somebody else';
  } catch (error) {
    problem = `cannot be written: ${(error as NodeJS.ErrnoException).code ?? 'unknown'}`;
  }
  if (problem === undefined) return folder;
  throw new ConfigError([{ path: '--dir', problem, seen: root }]);
}

/** Sorts by the time at which the process was begun. */
function newEpoch(): string {
  return `${Date.now().toString(36).padStart(9, '0')}-${randomBytes(4).toString('hex')}`;
}
