import {
  closeSync,
  existsSync,
  fstatSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  writeFileSync,
} from 'node:fs';
import { availableParallelism, totalmem } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import type { CollectConfig } from '../collect/config.js';
import type { RunConfig } from '../config.js';
import { ConfigError } from '../errors.js';
import { createAllowList } from '../net/allow-list.js';
import { createConnector } from '../net/connect.js';
import { createHttpFactory } from '../net/http-node.js';
import { machineSpeed } from '../preflight/calibrate.js';
import { createRedact } from '../redact.js';
import { EXIT } from '../report/exit-codes.js';
import { checkLocalAddresses } from '../run/local-addresses.js';
import type { Output } from '../run/output.js';
import { openPlatform, type Platform } from '../run/platform.js';
import { openPublisherClock, type PublisherClockLink } from '../run/publisher-clock.js';
import { listenForStop, type SignalSource, untilStopped } from '../run/stop-signals.js';
import { createPlan } from '../scenarios/plan.js';
import { createClock } from '../seams-node.js';
import type { Target } from '../target.js';
import { askPort } from './ask-port.js';
import { configFindings } from './config-files.js';
import { collectConfigOf, discover, discoverFindings, type Found } from './discover.js';
import { doctorReport, doctorText, verdictLine } from './doctor-report.js';
import { examinePlatform } from './examine.js';
import type { Finding } from './finding.js';
import { loadNeed } from './load-need.js';
import { type MachineFacts, othersCores, readCpuTime, readMachineFacts } from './machine-facts.js';
import { machineFindings } from './machine-findings.js';
import { collectFindings } from './source-findings.js';
import { sourcesYaml } from './sources-yaml.js';

/** What `dorami-load doctor` was asked beside the run that it looks ahead to. */
export interface DoctorOptions {
  readonly srsConfigs: readonly string[];
  readonly nginxConfigs: readonly string[];
  /** Limits are looked for. */
  readonly probes: boolean;
  /** File for the sources that are found; absent = none is written. */
  readonly writeCollect?: string;
}

export interface DoctorDeps {
  readonly output: Output;
  readonly version: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly signals: SignalSource & { exit(code: number): never };
}

/**
 * Looks at everything that could spoil the run that `config` describes, and says what to change.
 * @throws {ConfigError} {StoppedBeforeStart}
 */
export async function doctorCommand(
  config: RunConfig,
  options: DoctorOptions,
  deps: DoctorDeps,
): Promise<{ exitCode: number; reason?: string }> {
  const { signals } = deps;
  checkWritable(options.writeCollect, config);
  await checkLocalAddresses(config.localIps);
  let platform: Platform | undefined;
  let publisherClock: PublisherClockLink | undefined;
  const stop = listenForStop(
    signals,
    () => performance.now(),
    () => {
      platform?.kill();
      signals.exit(EXIT.stoppedTwice);
    },
  );
  try {
    const machine = readMachineFacts(readText, { cores: availableParallelism(), memoryBytes: totalmem() });
    const ofMachine = await untilStopped(examineMachine(machine, config), stop.first);
    platform = await untilStopped(openPlatform(config), stop.first, (late) => late.kill());
    publisherClock = await untilStopped(openPublisherClock(config, platform.target), stop.first, (late) =>
      late.close(),
    );
    const visit = { config, options, deps, platform, publisherClock, machine, ofMachine, stop: stop.first };
    return await untilStopped(look(visit), stop.first);
  } finally {
    stop.dispose();
    publisherClock?.close();
    await platform?.close();
  }
}

interface Visit {
  readonly config: RunConfig;
  readonly options: DoctorOptions;
  readonly deps: DoctorDeps;
  readonly platform: Platform;
  readonly publisherClock: PublisherClockLink;
  readonly machine: MachineFacts;
  readonly ofMachine: readonly Finding[];
  readonly stop: Promise<string>;
}

async function look(visit: Visit): Promise<{ exitCode: number; reason?: string }> {
  const { config, options, deps, platform, publisherClock, machine } = visit;
  const { output, version } = deps;
  const { profile, maxVus: vus } = config;
  const durationMs = createPlan(profile, config).totalMs;
  const probes: string[] = [];
  const say = (line: string): void => {
    if (line.startsWith('probing')) probes.push(line);
    if (!config.quiet) output.line(`doctor: ${line}`);
  };
  const ofPlatform = await examinePlatform({
    ...{ config, platform, publisherClock, say, runMs: durationMs, stop: visit.stop },
    ...{ openFiles: machine.openFiles, probes: options.probes },
  });
  const need = loadNeed(config);
  const files = [
    ...options.nginxConfigs.map((path) => configFindings('nginx', path, need)),
    ...options.srsConfigs.map((path) => configFindings('srs', path, need)),
  ];
  const findings = [
    ...ofPlatform,
    ...visit.ofMachine,
    ...(await Promise.all(files)).flat(),
    ...(await examineSources(visit, platform.target)),
  ];
  const load = { profile: profile.name, vus, durationMs };
  const redact = createRedact([platform.target.streamKey]);
  const clean = findings.map((one) => masked(one, redact));
  const report = doctorReport({ version, atEpochMs: Date.now(), load, probes }, clean);
  const color = output.resultColor === true;
  output.result(config.json ? JSON.stringify(report, null, 2) : doctorText(report, color));
  if (report.exitCode === EXIT.pass) return { exitCode: EXIT.pass };
  const first = report.toChange[0]?.id ?? '';
  return { exitCode: report.exitCode, reason: `doctor: ${verdictLine(report)}, first ${first}` };
}

function masked(finding: Finding, redact: (text: string) => string): Finding {
  const { text, fix } = finding;
  return { ...finding, text: redact(text), ...(fix === undefined ? {} : { fix: redact(fix) }) };
}

/** Long enough to see whether something else runs here. */
const CPU_LOOK_MS = 700;

async function examineMachine(machine: MachineFacts, config: RunConfig): Promise<readonly Finding[]> {
  const before = readCpuTime(readText);
  const own = process.cpuUsage();
  const startMs = performance.now();
  await delay(CPU_LOOK_MS);
  const after = readCpuTime(readText);
  const { user, system } = process.cpuUsage(own);
  const used = {
    cores: machine.machineCores,
    ownMs: (user + system) / 1000,
    tookMs: performance.now() - startMs,
  };
  const others = before && after ? othersCores([before, after], used) : undefined;
  const speed = await machineSpeed();
  return machineFindings({ machine, config, speed, node: process.versions.node, othersCores: others });
}

async function examineSources(
  { config, options, deps, platform }: Visit,
  target: Target,
): Promise<readonly Finding[]> {
  const clock = createClock(performance.timeOrigin + performance.now());
  const { allowTargets, insecure, collect } = config;
  const asked = collect === undefined ? [] : await collectFindings(collect, config, clock, deps.env);
  if (collect !== undefined && options.writeCollect === undefined) return asked;
  // The stage of this visit will not be there when its file of sources is read.
  if (config.target.kind === 'stage') return asked;
  const net = { allowList: createAllowList(allowTargets), insecure };
  const http = createHttpFactory({ clock, ...net }).forViewer();
  const connector = createConnector(net);
  try {
    const found = await discover({
      ...{ http, target, has: existsSync, lastLine, commands: commandLines() },
      ask: (host, port, line) => askPort(connector, host, port, line),
    });
    const { writeCollect } = options;
    const redact = createRedact([platform.target.streamKey]);
    const written = writeCollect === undefined ? undefined : write(writeCollect, found, redact);
    return [...asked, ...(collect === undefined ? discoverFindings(found, written) : [])];
  } finally {
    http.close();
  }
}

function write(path: string, found: readonly Found[], redact: (text: string) => string): string | undefined {
  const sources: CollectConfig | undefined = collectConfigOf(found);
  if (sources === undefined) return undefined;
  try {
    writeFileSync(path, redact(sourcesYaml(sources)), { flag: 'wx' });
  } catch (cause) {
    throw cannotWrite(path, (cause as NodeJS.ErrnoException).code, cause);
  }
  return path;
}

/** Said before anything is looked at: the visit takes a while. */
function checkWritable(path: string | undefined, { target }: Pick<RunConfig, 'target'>): void {
  if (path === undefined) return;
  if (existsSync(path)) throw cannotWrite(path, 'EEXIST');
  if (target.kind === 'platform') return;
  const problem = 'the own stage is gone when the file would be read';
  throw new ConfigError([{ path: '--write-collect', problem, wanted: '--target URL' }]);
}

function cannotWrite(path: string, code = 'unknown', cause?: unknown): ConfigError {
  const problem = code === 'EEXIST' ? 'is there already' : `cannot be written: ${code}`;
  return new ConfigError([{ path: '--write-collect', problem, seen: path }], { cause });
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

/** Longer than any line of a log. */
const TAIL_BYTES = 16 * 1024;

function lastLine(path: string): string | undefined {
  let file: number | undefined;
  try {
    file = openSync(path, 'r');
    const { size } = fstatSync(file);
    const tail = Buffer.alloc(Math.min(size, TAIL_BYTES));
    readSync(file, tail, 0, tail.length, size - tail.length);
    const whole = tail.toString().split('\n').slice(0, -1);
    return whole.at(-1) || undefined;
  } catch {
    return undefined;
  } finally {
    if (file !== undefined) closeSync(file);
  }
}

/** Of every process that may be seen; arguments stand apart by a space. */
function commandLines(): readonly string[] {
  let names: readonly string[] = [];
  try {
    names = readdirSync('/proc').filter((name) => /^\d+$/.test(name) && name !== String(process.pid));
  } catch {
    return [];
  }
  return names
    .map((pid) => readText(`/proc/${pid}/cmdline`)?.replaceAll('\0', ' ').trim() ?? '')
    .filter((line) => line !== '');
}
