/** Answers of SRS's HTTP API, read with care: what is not of the expected kind is absent. All pure. */

import { isTree, numberOf, parseJson, type Tree } from './json-tree.js';

export interface SrsClient {
  readonly id: string;
  /** E.g. `fmle-publish`, `flv-play`, `hls-play`. */
  readonly type: string;
  readonly publish: boolean;
  readonly aliveS: number | undefined;
}

export interface SrsStream {
  readonly id: string;
  readonly isActive: boolean;
  /** The last 30 s; undefined = it is not told. */
  readonly recvKbps: number | undefined;
  readonly sendKbps: number | undefined;
  readonly frames: number | undefined;
}

export interface SrsSummary {
  readonly uptimeS: number;
  readonly cpuPct: number;
  readonly memoryMb: number;
  readonly connections: number;
  readonly recvBytes: number;
  readonly sendBytes: number;
  /** A restart has another one. */
  readonly pid: string;
}

/** The array behind `name` of an answer; undefined when it is no good answer. */
export function listOf(body: string, name: 'clients' | 'streams'): readonly Tree[] | undefined {
  const list = answerOf(body)?.[name];
  return Array.isArray(list) ? list.filter(isTree) : undefined;
}

export function clientOf(entry: Tree): SrsClient {
  const { id, type, publish, alive } = entry;
  return { id: String(id), type: String(type), publish: publish === true, aliveS: numberOf(alive) };
}

export function streamOf(entry: Tree): SrsStream {
  const { id, publish, kbps, frames } = entry;
  const rates = isTree(kbps) ? kbps : {};
  return {
    id: String(id),
    isActive: isTree(publish) && publish.active === true,
    recvKbps: numberOf(rates.recv_30s),
    sendKbps: numberOf(rates.send_30s),
    frames: numberOf(frames),
  };
}

/** `/api/v1/summaries`; undefined when it is no such answer. */
export function parseSummary(body: string): SrsSummary | undefined {
  const answer = answerOf(body);
  const data = isTree(answer?.data) ? answer.data : undefined;
  const own = isTree(data?.self) ? data.self : undefined;
  const system = isTree(data?.system) ? data.system : undefined;
  if (answer === undefined || own === undefined || system === undefined) return undefined;
  const of = (tree: Tree, name: string): number => numberOf(tree[name]) ?? Number.NaN;
  const summary = {
    uptimeS: of(own, 'srs_uptime'),
    cpuPct: of(own, 'cpu_percent'),
    // KiB.
    memoryMb: (of(own, 'mem_kbyte') * 1024) / 1e6,
    connections: of(system, 'conn_srs'),
    recvBytes: of(system, 'srs_recv_bytes'),
    sendBytes: of(system, 'srs_send_bytes'),
  };
  if (!Object.values(summary).every(Number.isFinite)) return undefined;
  return { ...summary, pid: String(own.pid) };
}

function answerOf(body: string): Tree | undefined {
  const value = parseJson(body);
  return isTree(value) && value.code === 0 ? value : undefined;
}
