import { readLine } from '../run-line.js';
import type { FidelityProtocol, RunRecord } from '../story.js';
import type { Bounds } from './bounds.js';
import { type ConditionResult, compareCondition } from './condition.js';

/** What the comparison wants to know of a condition beyond its runs. */
export interface ConditionInfo {
  readonly id: string;
  readonly seed: number;
  readonly title: string;
  readonly protocol: FidelityProtocol;
  /** Its seed was drawn after the constants of the model were fixed. */
  readonly unseen: boolean;
}

/** Runs out of results files, and how many lines were none. */
export interface ReadResults {
  readonly records: readonly RunRecord[];
  readonly brokenLines: number;
}

/** Reads NDJSON, one run a line. A line that is cut (a runner was killed) or is no run is counted, not thrown at. */
export function parseResults(text: string): ReadResults {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  const records = lines.map(parseLine).filter((record) => record !== undefined);
  return { records, brokenLines: lines.length - records.length };
}

/** The model of the latest run; runs of any other model are not mixed with it. */
export function latestModel(records: readonly RunRecord[]): string | undefined {
  return [...records].sort((a, b) => b.startedEpochMs - a.startedEpochMs)[0]?.modelVersion;
}

/** Compares every condition that was run, in the order of `infos`; runs of unknown conditions come last. */
export function compareAll(
  records: readonly RunRecord[],
  infos: readonly ConditionInfo[],
  bounds: Bounds,
): readonly (ConditionResult & { readonly info: ConditionInfo })[] {
  const groups = new Map<string, RunRecord[]>();
  for (const record of records) {
    const key = `${record.libraries} ${record.condition} ${record.seed}`;
    groups.set(key, [...(groups.get(key) ?? []), record]);
  }
  const order = new Map(infos.map((info, i) => [`${info.id} ${info.seed}`, i]));
  return [...groups.values()]
    .map((group) => {
      const info = infoOf(group[0] as RunRecord, infos);
      return { ...compareCondition(group, info.protocol, bounds), info };
    })
    .sort((a, b) => place(order, a) - place(order, b));
}

function place(order: ReadonlyMap<string, number>, { condition, seed }: ConditionResult): number {
  return order.get(`${condition} ${seed}`) ?? Number.POSITIVE_INFINITY;
}

function infoOf(record: RunRecord, infos: readonly ConditionInfo[]): ConditionInfo {
  const known = infos.find(({ id, seed }) => id === record.condition && seed === record.seed);
  if (known !== undefined) return known;
  const byId = infos.find(({ id }) => id === record.condition);
  const { condition: id, seed } = record;
  const protocol = byId?.protocol ?? (/\bflv\b/.test(id) ? 'flv' : 'hls');
  return { id, seed, title: byId?.title ?? id, protocol, unseen: false };
}

function parseLine(line: string): RunRecord | undefined {
  try {
    const value = readLine(line);
    return isRecord(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isRecord(value: unknown): value is RunRecord {
  if (typeof value !== 'object' || value === null) return false;
  const record = value as Partial<RunRecord>;
  return (
    typeof record.condition === 'string' &&
    typeof record.seed === 'number' &&
    typeof record.modelVersion === 'string' &&
    Array.isArray(record.stories) &&
    ['browser', 'ours'].every((side) => record.stories?.some((story) => story.side === side))
  );
}
