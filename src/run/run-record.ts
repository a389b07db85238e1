import { cpus, hostname, release, totalmem } from 'node:os';
import type { CollectConfig } from '../collect/config.js';
import type { RunCollect, RunConfig } from '../config.js';
import { ProtocolError } from '../errors.js';
import { type Parity, parseParity } from '../parity/parity-schema.js';
import type { PreflightReport } from '../preflight/report.js';
import { createRedact } from '../redact.js';
import type { Behaviour } from '../scenarios/behaviour.js';
import { cartOffset, type Plan } from '../scenarios/plan.js';
import type { Planned } from '../stats/gate.js';
import { isKpiId, type KpiId } from '../stats/kpis.js';
import type { Target } from '../target.js';
import type { CarryRecord } from './carry.js';
import type { EscalationRecord } from './escalation-result.js';
import { exemptRows } from './exempt-rows.js';
import { type PlannedFaultRecord, plannedFaults, rowsWithoutFault } from './fault-rows.js';
import { type FleetRecord, isFleet } from './fleet-record.js';
import type { Machine } from './machine.js';
import type { PublisherClockRecord } from './publisher-clock.js';

/**
 * `run.json`: everything that a verdict needs beside the ticks, and what a reader wants to know of the run. It is
 * written before the first viewer comes, so that a killed run can be judged.
 */
export interface RunRecord {
  readonly v: 1;
  readonly id: string;
  readonly profile: string;
  readonly title: string;
  /** Addresses with the stream key masked. */
  readonly target: Target;
  /** The target was the run's own stage. */
  readonly embeddedStage: boolean;
  readonly stageFaults: readonly string[];
  readonly seed: number;
  /** ISO 8601, UTC: run time 0. */
  readonly startedAt: string;
  readonly startEpochMs: number;
  readonly plannedMs: number;
  /** Absent = the run looks for no breaking point. */
  readonly escalation?: EscalationRecord;
  readonly phases: Plan['phases'];
  /** The line of viewers that the plan wanted. Absent in a folder of an older version. */
  readonly line?: Plan['line'];
  /** What was to be broken, and when; absent = nothing. */
  readonly faults?: readonly PlannedFaultRecord[];
  /** Absent in a folder of an older version: `strategy`. */
  readonly behaviour?: Behaviour;
  readonly mix: Readonly<Record<'hls' | 'flv', number>>;
  readonly rates: Readonly<Record<string, number>>;
  readonly planned: Planned;
  /** Threads of all boxes. */
  readonly workers: number;
  /** The load boxes with their shares; absent = the run went on one machine. */
  readonly fleet?: FleetRecord;
  /** KPI rows the run is judged by. */
  readonly rows: readonly KpiId[];
  /** Rows of the profile that this run cannot fill, and why. */
  readonly exempt: Readonly<Partial<Record<KpiId, string>>>;
  /** What the platform's own parts were asked for; absent = nothing, and no row of theirs is judged. */
  readonly collect?: CollectRecord;
  /** How like production the platform is; absent = nobody said. */
  readonly parity?: Parity;
  readonly allowTargets: readonly string[];
  /** TLS certificates were not checked. */
  readonly insecure: boolean;
  /** Addresses that viewers came from, in turn; empty = the system chose. */
  readonly localIps: readonly string[];
  /** Every key of the configuration with who said its value; secrets masked. */
  readonly settings: RunConfig['settings'];
  readonly version: string;
  readonly nodeVersion: string;
  readonly host: HostRecord;
  /** Absent in a folder of an older version. */
  readonly publisherClock?: PublisherClockRecord;
  /** What this machine was thought to carry; absent = it was not asked. */
  readonly carry?: CarryRecord;
  /** What the look before the run came to; absent = there was none. */
  readonly preflight?: PreflightReport;
}

/** Names of variables of the environment, never what they hold. */
export interface CollectRecord {
  readonly file: string;
  readonly intervalMs: number;
  readonly config: CollectConfig;
}

export interface HostRecord {
  readonly name: string;
  readonly os: string;
  readonly cpu: string;
  readonly cores: number;
  readonly memoryBytes: number;
  /** What of it this process may use. */
  readonly usable: Machine;
}

export interface RunRecordInput {
  readonly id: string;
  readonly config: RunConfig;
  readonly plan: Plan;
  readonly target: Target;
  readonly startEpochMs: number;
  /** VUs with an account. */
  readonly users: number;
  readonly version: string;
  readonly before: BeforeRun;
  /** Absent = the run goes on this machine alone. */
  readonly fleet?: FleetRecord;
}

/** What was found before the first viewer came. */
export interface BeforeRun {
  readonly machine: Machine;
  readonly publisherClock?: PublisherClockRecord;
  readonly carry?: CarryRecord;
  readonly preflight?: PreflightReport;
}

export function createRunRecord(input: RunRecordInput): RunRecord {
  const { before, config, plan } = input;
  const planned = plannedOf(config, plan, input.users);
  return {
    v: 1,
    id: input.id,
    profile: config.profile.name,
    title: config.profile.title,
    target: { ...input.target, streamKey: '***' },
    embeddedStage: config.target.kind === 'stage',
    stageFaults: config.target.kind === 'stage' ? config.target.faults : [],
    seed: config.seed,
    startedAt: new Date(input.startEpochMs).toISOString(),
    startEpochMs: input.startEpochMs,
    plannedMs: plan.totalMs,
    ...(config.escalation ? { escalation: escalationRecord(config.escalation) } : {}),
    phases: plan.phases,
    line: plan.line,
    behaviour: config.behaviour,
    mix: config.mix,
    rates: { ...config.profile.rates },
    planned,
    workers: input.fleet?.boxes.reduce((sum, { workers }) => sum + workers, 0) ?? config.workers,
    ...(input.fleet === undefined ? {} : { fleet: input.fleet }),
    rows: config.profile.judges.map(knownRow),
    exempt: {
      ...exemptRows(config.profile, plan, planned, cartOffset(config.seed), config.collect?.intervalMs),
      ...rowsWithoutFault(config.profile.faults ?? []),
    },
    ...(config.profile.faults === undefined ? {} : { faults: plannedFaults(config.profile.faults, plan) }),
    ...(config.collect === undefined ? {} : { collect: collectRecord(config.collect) }),
    ...(config.parity === undefined ? {} : { parity: config.parity }),
    allowTargets: config.allowTargets,
    insecure: config.insecure,
    localIps: config.localIps,
    settings: config.settings,
    version: input.version,
    nodeVersion: process.version,
    host: hostRecord(before.machine),
    ...(before.publisherClock ? { publisherClock: before.publisherClock } : {}),
    ...(before.carry ? { carry: before.carry } : {}),
    ...(before.preflight ? { preflight: before.preflight } : {}),
  };
}

function collectRecord({ file, intervalMs, config, secrets }: RunCollect): CollectRecord {
  const redact = createRedact(secrets.map((secret) => secret.reveal()));
  return JSON.parse(redact(JSON.stringify({ file, intervalMs, config }))) as CollectRecord;
}

/** What `plan` will bring, counted. */
export function plannedOf(config: RunConfig, plan: Plan, users: number): Planned {
  const byProtocol = { hls: 0, flv: 0 };
  for (let vu = 0; vu < plan.vus; vu++) byProtocol[plan.protocolOf(vu)]++;
  const { timeScale, writes } = config;
  const scaled = timeScale === undefined ? {} : { timeScale };
  return { vus: plan.vus, byProtocol, users: Math.min(users, plan.vus), writes, ...scaled };
}

function escalationRecord({ steps, targetVus }: EscalationRecord): EscalationRecord {
  return { steps, targetVus };
}

function knownRow(id: string): KpiId {
  if (!isKpiId(id)) throw new Error(`the profile judges ${id}, which is no KPI`);
  return id;
}

/**
 * Reads `run.json`.
 * @throws {ProtocolError} when it is not one of this version
 */
export function parseRunRecord(text: string): RunRecord {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new ProtocolError('run.json is not JSON', { cause });
  }
  if (!isRunRecord(value)) throw new ProtocolError('run.json is not the record of a run of this version');
  return value;
}

/** Whether everything that a verdict or a summary is made of is there. */
function isRunRecord(value: unknown): value is RunRecord {
  if (!isObject(value) || value.v !== 1) return false;
  const { planned, phases, rows, exempt, target, host } = value;
  const texts = ['id', 'profile', 'startedAt', 'version', 'nodeVersion'];
  const numbers = ['seed', 'startEpochMs', 'plannedMs', 'workers'];
  return (
    texts.every((name) => typeof value[name] === 'string') &&
    numbers.every((name) => Number.isFinite(value[name])) &&
    typeof value.embeddedStage === 'boolean' &&
    isPlanned(planned) &&
    Array.isArray(phases) &&
    phases.every((one) => isObject(one) && typeof one.name === 'string' && typeof one.role === 'string') &&
    Array.isArray(rows) &&
    rows.every((row) => typeof row === 'string' && isKpiId(row)) &&
    isObject(exempt) &&
    Object.values(exempt).every((why) => typeof why === 'string') &&
    isObject(target) &&
    typeof target.apiUrl === 'string' &&
    isObject(host) &&
    typeof host.name === 'string' &&
    (value.line === undefined || isLine(value.line)) &&
    (value.faults === undefined || isFaults(value.faults)) &&
    (value.escalation === undefined || isEscalation(value.escalation)) &&
    (value.fleet === undefined || isFleet(value.fleet)) &&
    (value.carry === undefined || isCarry(value.carry)) &&
    (value.parity === undefined || parseParity(value.parity) !== undefined) &&
    (value.preflight === undefined || isPreflight(value.preflight))
  );
}

/** Whether this is the line of viewers of a plan. */
export function isLine(value: unknown): value is Plan['line'] {
  return (
    Array.isArray(value) &&
    value.every((one) => isObject(one) && Number.isFinite(one.atMs) && Number.isFinite(one.level))
  );
}

function isFaults(value: unknown): boolean {
  return (
    Array.isArray(value) &&
    value.every(
      (one) =>
        isObject(one) &&
        ['name', 'breaks', 'what'].every((name) => typeof one[name] === 'string') &&
        Number.isFinite(one.fromMs) &&
        Number.isFinite(one.toMs),
    )
  );
}

function isEscalation(value: unknown): boolean {
  if (!isObject(value) || !Array.isArray(value.steps)) return false;
  return [value.targetVus, ...value.steps].every((vus) => Number.isInteger(vus) && (vus as number) > 0);
}

function isCarry(value: unknown): boolean {
  return isObject(value) && (value.warning === undefined || typeof value.warning === 'string');
}

function isPreflight(value: unknown): boolean {
  if (!isObject(value) || !Array.isArray(value.checks)) return false;
  return value.checks.every(
    (one) => isObject(one) && ['part', 'status', 'text'].every((name) => typeof one[name] === 'string'),
  );
}

function isPlanned(value: unknown): boolean {
  if (!isObject(value) || !isObject(value.byProtocol)) return false;
  const counts = [value.vus, value.users, value.byProtocol.hls, value.byProtocol.flv];
  const { timeScale = 1 } = value;
  return counts.every(Number.isFinite) && typeof value.writes === 'boolean' && Number.isFinite(timeScale);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function hostRecord(usable: Machine): HostRecord {
  const list = cpus();
  return {
    name: hostname(),
    os: `${process.platform} ${release()}`,
    cpu: list[0]?.model.trim() ?? 'unknown',
    cores: list.length,
    memoryBytes: totalmem(),
    usable,
  };
}
