import type { RunRecord } from './story.js';

/** The record with every number rounded to 0.1, so that a line of the results file stays short. */
export function rounded(record: RunRecord): RunRecord {
  return JSON.parse(JSON.stringify(record), (_, value: unknown) =>
    typeof value === 'number' ? Math.round(value * 10) / 10 : value,
  ) as RunRecord;
}
