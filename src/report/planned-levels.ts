/** A corner of the line of viewers that a plan wants: straight to the next one. Two at one instant are a step. */
export interface PlannedLevel {
  /** Run milliseconds. */
  readonly atMs: number;
  /** Viewers. */
  readonly level: number;
}

/** Viewers that the plan wants at `atMs`; undefined where no plan is known, 0 before and after it. */
export function plannedAt(line: readonly PlannedLevel[] | undefined, atMs: number): number | undefined {
  if (line === undefined || line.length === 0) return undefined;
  const next = line.findIndex((corner) => corner.atMs > atMs);
  const [from, to] = [line[next - 1], line[next]];
  if (from === undefined || to === undefined) return 0;
  return from.level + ((to.level - from.level) * (atMs - from.atMs)) / (to.atMs - from.atMs);
}
