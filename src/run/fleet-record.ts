import type { BoxFacts } from '../cluster/protocol.js';
import { type Crowd, sharesOf } from './boxes.js';
import { type CarryInput, carryWords } from './carry.js';
import type { RemoteSide } from './fleet.js';
import { threadsOf } from './local-box.js';

/** What `run.json` keeps of one load box. */
export interface BoxRecord {
  readonly id: string;
  readonly hostname: string;
  /** `linux 6.1.0`; absent = it did not say. */
  readonly os?: string;
  readonly cores: number;
  readonly memoryBytes: number;
  readonly version: string;
  readonly nodeVersion: string;
  /** Threads that it ran. */
  readonly workers: number;
  /** Its viewers, how many start with each protocol, and how many have an account. */
  readonly vus: number;
  readonly byProtocol: Readonly<Record<'hls' | 'flv', number>>;
  readonly users: number;
}

/** The boxes of a run over many. */
export interface FleetRecord {
  /** Name of the run on the wire. */
  readonly run: string;
  /** Where they met, without secrets. */
  readonly place: string;
  /** Boxes that might be lost before the run was ended. */
  readonly tolerated: number;
  readonly boxes: readonly BoxRecord[];
}

/** The record of boxes before their run, each with its share. */
export function fleetRecord(
  facts: readonly BoxFacts[],
  { run, place, tolerated }: Pick<RemoteSide, 'run' | 'place' | 'tolerated'>,
  crowd: Crowd,
): FleetRecord {
  const shares = sharesOf(
    facts.map((one) => ({ id: one.id, facts: one })),
    crowd,
  );
  const { vus: planned } = crowd.plan;
  const boxes = facts.map((box, i): BoxRecord => {
    const all = shares[i]?.viewers ?? [];
    // Those beyond the plan come only when a run is scaled up.
    const viewers = all.filter(({ vu }) => vu < planned);
    const flv = viewers.filter(({ vu }) => crowd.plan.protocolOf(vu) === 'flv').length;
    const { id, hostname, os, cores, memoryBytes, version, nodeVersion } = box;
    return {
      ...{ id, hostname, cores, memoryBytes, version, nodeVersion },
      ...(os === undefined ? {} : { os }),
      workers: threadsOf(box, all.length),
      vus: viewers.length,
      byProtocol: { hls: viewers.length - flv, flv },
      users: viewers.filter(({ identity }) => identity !== undefined).length,
    };
  });
  return { run, place, tolerated, boxes };
}

/**
 * One line per box: its share, and what it is thought to carry if it is as fast as the machine of bench/README.md. Boxes of
 * one host name have an equal part of that machine each.
 */
export function shareLines(boxes: readonly BoxRecord[], config: CarryInput['config']): string[] {
  return boxes.flatMap(({ id, hostname, cores, memoryBytes, workers, vus }) => {
    const own = { ...config, maxVus: vus, workers };
    const there = boxes.filter((one) => one.hostname === hostname).length;
    const machine = { cores: cores / there, memoryBytes: memoryBytes / there };
    const { line, warning } = carryWords({ machine, speed: 1, config: own });
    const place = there === 1 ? hostname : `${hostname}, one of ${there} boxes there`;
    const threads = `${workers} thread${workers === 1 ? '' : 's'}`;
    const share = `box ${id} (${place}): ${vus} viewer${vus === 1 ? '' : 's'} in ${threads}; ${line}`;
    return warning === undefined ? [share] : [share, `box ${id} ! ${warning}`];
  });
}

/** Whether this is the record of a fleet. */
export function isFleet(value: unknown): value is FleetRecord {
  if (typeof value !== 'object' || value === null) return false;
  const { run, place, tolerated, boxes } = value as Readonly<Record<string, unknown>>;
  return (
    typeof run === 'string' &&
    typeof place === 'string' &&
    Number.isInteger(tolerated) &&
    Array.isArray(boxes) &&
    boxes.length > 0 &&
    boxes.every(isBox)
  );
}

function isBox(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  const box = value as Readonly<Record<string, unknown>>;
  const { hls, flv } = (box.byProtocol ?? {}) as Readonly<Record<string, unknown>>;
  return (
    ['id', 'hostname', 'version', 'nodeVersion'].every((name) => typeof box[name] === 'string') &&
    (box.os === undefined || typeof box.os === 'string') &&
    [box.workers, box.vus, box.users, hls, flv].every((count) => Number.isInteger(count)) &&
    [box.cores, box.memoryBytes].every((number) => Number.isFinite(number))
  );
}
