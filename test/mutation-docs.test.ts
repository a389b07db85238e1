import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { FAULTS } from '../src/stage/fault-spec.js';
import { KPIS } from '../src/stats/kpis.js';
import { MUTATIONS, mutationsText } from './e2e/mutation-table.js';

const all = Object.values(MUTATIONS).flat();

it('docs/mutations.md says what the tests do (npx vitest run test/mutation-docs.test.ts -u prints it anew)', async () => {
  await expect(mutationsText()).toMatchFileSnapshot(
    fileURLToPath(new URL('../docs/mutations.md', import.meta.url)),
  );
});

it('every row that a mutation names exists', () => {
  const named = all.flatMap(({ red = [], noData = [], green = [] }) => [...red, ...noData, ...green]);
  expect(named.filter((id) => !Object.hasOwn(KPIS, id))).toEqual([]);
});

/**
 * Shown by other tests: renewals of tokens, test logins, what only the viewer count of the platform tells, an
 * escalation; and what a platform does after a planned fault, which only a run with fault steps can judge
 * (test/e2e/recovery.test.ts).
 */
const ELSEWHERE = [
  ...['cap-sockets', 'refuse-tokens', 'refuse-refresh', 'refuse-dev-login', 'late-reap'],
  ...['blackhole', 'reset-all', 'kill-media', 'refuse-sockets', 'lose-rooms', 'mute-end', 'stays-offline'],
];

it('every fault of the stage has a verdict', () => {
  const planted = new Set(all.flatMap(({ faults }) => faults.map((fault) => fault.split(':')[0])));
  const missing = Object.keys(FAULTS).filter((kind) => !planted.has(kind) && !ELSEWHERE.includes(kind));
  expect(missing).toEqual([]);
});
