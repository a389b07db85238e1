import { describe, expect, test } from 'vitest';
import { type CliResult, kpi, kpisWith, measured, runLoad, total } from './cli.js';
import { MUTATIONS, type Mutation, watchers } from './mutation-table.js';

/**
 * Each time something is taken away from a working platform, the verdict has to change to the right one for the
 * right reason. A run of the same size without any fault passes, or the rows below would prove nothing.
 */
const LOAD = [
  ['--vus', '10'],
  ['--duration', '15s'],
] as const;

/** Starting and ending takes most of a run's work: those that begin together would end together, over and over. */
const APART_MS = 4000;
let nextAtMs = 0;

async function turn(): Promise<void> {
  const nowMs = performance.now();
  const atMs = Math.max(nowMs, nextAtMs);
  nextAtMs = atMs + APART_MS;
  await new Promise((resolve) => setTimeout(resolve, atMs - nowMs));
}

describe.concurrent.each(Object.entries(MUTATIONS))('%s', (_, mutations) => {
  test.each(mutations.map((mutation) => [mutation.what, mutation.code, mutation] as const))(
    '%s: %i',
    async (_what, _code, mutation) => {
      await turn();
      const result = await measured(() => runLoad(flagsOf(mutation)));
      const seen = `${mutation.faults.join(' ')}\n${result.stderr}\n${kpisWith(result, 'fail').join(' ')}`;
      expect(result.code, seen).toBe(mutation.code);
      for (const id of mutation.red ?? []) expect(kpi(result, id), seen).toMatchObject({ status: 'fail' });
      for (const id of mutation.noData ?? [])
        expect(kpi(result, id), seen).toMatchObject({ status: 'no_data' });
      for (const id of mutation.green ?? []) expect(kpi(result, id), seen).toMatchObject({ status: 'pass' });
      for (const name of mutation.counted ?? []) expect(counter(result, name), name).toBeGreaterThan(0);
      for (const name of mutation.notCounted ?? []) expect(counter(result, name), name).toBe(0);
    },
  );
});

function flagsOf(mutation: Mutation): readonly string[] {
  const { faults, flags = [] } = mutation;
  const planted = faults.flatMap((fault) => ['--stage-fault', fault]);
  // Flags that come twice are refused: those of the mutation stand in place of the usual ones.
  const usual = LOAD.filter(([flag]) => !flags.includes(flag)).flat();
  return ['--no-preflight', ...usual, ...flags, ...watchers(mutation), ...planted];
}

/** `name` or `name part`. */
function counter(result: CliResult, name: string): number {
  const [metric = '', part] = name.split(' ');
  return total(result, metric, part);
}
