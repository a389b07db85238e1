import { expect, test } from 'vitest';
import { needs } from '../services/available.js';
import { faultsIn } from './chaos/check.js';
import { blowWords, planOf } from './chaos/plan.js';
import { playRound, type RoundResult } from './chaos/round.js';

/** `DORAMI_CHAOS_ROUNDS=30 DORAMI_CHAOS_SEED=0`: more of them, and where to begin. */
const ROUNDS = Number(process.env.DORAMI_CHAOS_ROUNDS ?? 6);
const FIRST_SEED = Number(process.env.DORAMI_CHAOS_SEED ?? 0);
const AT_ONCE = 3;

test(
  'whatever is killed, paused or cut off: no tick is lost or counted twice, and the run ends as it should',
  async (context) => {
    needs(context, 'nats');
    const seeds = Array.from({ length: ROUNDS }, (_, i) => FIRST_SEED + i);
    const results: RoundResult[] = [];
    const play = async (): Promise<void> => {
      for (let seed = seeds.shift(); seed !== undefined; seed = seeds.shift())
        results.push(await playRound(seed));
    };
    await Promise.all(Array.from({ length: AT_ONCE }, play));
    if (process.env.DORAMI_TEST_TELL === '1')
      for (const { plan, exitCode, ticks, tookMs } of results)
        console.log(
          `seed ${plan.seed}: exit ${exitCode}, ${ticks} ticks, ${Math.round(tookMs / 100) / 10} s (${plan.blows.map(blowWords).join('; ')})`,
        );
    expect(
      results.filter(({ faults }) => faults.length > 0).map(({ plan, faults }) => ({ plan, faults })),
    ).toEqual([]);
  },
  60_000 * Math.ceil(ROUNDS / AT_ONCE) + 60_000,
);

test('what is missing, counted twice, invented or changed is seen by the checker', () => {
  const written = new Map([
    ['a/0/0', 3],
    ['a/0/1', 4],
  ]);
  const right = [...written].map(([key, frames]) => ({ key, frames }));
  expect(faultsIn({ written, counted: right, unreadable: 0, told: 7 })).toEqual([]);
  const [first, second] = right;
  if (first === undefined || second === undefined) throw new Error('unreachable');
  expect(faultsIn({ written, counted: [first], unreadable: 0, told: 7 })).toEqual(['1 missing: a/0/1']);
  expect(faultsIn({ written, counted: [first, second, first], unreadable: 0, told: 7 })).toEqual([
    '1 counted twice: a/0/0',
  ]);
  const invented = { key: 'a/0/2', frames: 1 };
  expect(faultsIn({ written, counted: [...right, invented], unreadable: 0, told: 7 })).toEqual([
    '1 never written: a/0/2',
  ]);
  // Of a box that was killed: its last tick lay on its disk before it could say so, or did not.
  const begun = new Map([...written, ['a/0/2', 1]]);
  expect(faultsIn({ written, begun, counted: [...right, invented], unreadable: 0, told: 8 })).toEqual([]);
  expect(faultsIn({ written, begun, counted: right, unreadable: 0, told: 7 })).toEqual([]);
  const other = { key: 'a/0/2', frames: 2 };
  expect(faultsIn({ written, begun, counted: [...right, other], unreadable: 0, told: 9 })).toEqual([
    '1 changed: a/0/2',
    'the summary tells 9 frames, 8 were written',
  ]);
  expect(faultsIn({ written, counted: [first, { ...second, frames: 5 }], unreadable: 1, told: 8 })).toEqual([
    '1 changed: a/0/1',
    '1 lines that are no ticks',
    'the summary tells 8 frames, 7 were written',
  ]);
  const box = { written: new Map([...written, ['b/0/0', 9]]), counted: right, unreadable: 0 };
  expect(faultsIn({ ...box, told: 7 })).toEqual([
    '1 missing: b/0/0',
    'the summary tells 7 frames, 16 were written',
  ]);
  expect(faultsIn({ ...box, told: 7, unheard: ['b'] })).toEqual([]);
  expect(faultsIn({ ...box, counted: [first], told: 3, unheard: ['b'] })).toEqual([
    '1 missing: a/0/1',
    'the summary tells 3 frames, 7 were written',
  ]);
  expect(faultsIn({ written: new Map(), counted: [], unreadable: 0, told: 0 })).toEqual([
    'nothing was written at all',
  ]);
});

test('any eleven rounds in a row have every kind of blow, and the first ones the death of each process', () => {
  const kindsOf = (first: number, rounds: number): string[] => {
    const blows = Array.from({ length: rounds }, (_, i) => planOf(first + i).blows).flat();
    const kinds = blows.map(
      ({ kind, whom }) => `${kind} ${['broker', 'coordinator'].includes(whom) ? whom : 'box'}`,
    );
    return [...new Set(kinds)];
  };
  for (let first = 0; first < 40; first += 1)
    expect(kindsOf(first, 11)).toEqual(
      expect.arrayContaining([
        ...['crash box', 'hang box', 'hang coordinator', 'kill box', 'kill broker', 'kill coordinator'],
        ...['pause box', 'pause broker', 'pause coordinator', 'tear box'],
      ]),
    );
  expect(kindsOf(0, 6)).toEqual(
    expect.arrayContaining(['crash box', 'kill box', 'kill broker', 'kill coordinator']),
  );
});

test('coordinators that are killed are so alone, together with others, and twice', () => {
  const plans = Array.from({ length: 33 }, (_, seed) => planOf(seed));
  const killed = plans.filter(({ blows }) =>
    blows.some(({ kind, whom }) => kind === 'kill' && whom === 'coordinator'),
  );
  expect(killed.length).toBeGreaterThan(6);
  expect(killed.some(({ blows }) => blows.length === 1)).toBe(true);
  expect(killed.some(({ blows }) => blows.length === 2)).toBe(true);
  expect(killed.some(({ blows }) => blows.some((blow) => 'againMs' in blow))).toBe(true);
});
