import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type Finding,
  findingSoFar,
  type Measurement,
  nextMove,
  PRECISION,
  type StepOutcome,
} from './escalation.js';

const STRATEGY = [100, 300, 500, 700, 1000];

/** Measures levels by `outcomeAt` until the end. */
function escalate(
  steps: readonly number[],
  outcomeAt: (vus: number, done: readonly Measurement[]) => StepOutcome,
): { readonly levels: readonly number[]; readonly finding: Finding } {
  const done: Measurement[] = [];
  for (;;) {
    const move = nextMove(steps, done);
    if (move.kind === 'done') return { levels: done.map(({ vus }) => vus), finding: move.finding };
    if (done.length > 200) throw new Error('it does not end');
    done.push({ vus: move.vus, outcome: outcomeAt(move.vus, done) });
  }
}

const carries =
  (capacity: number) =>
  (vus: number): StepOutcome =>
    vus <= capacity ? 'held' : 'broke';

describe('an escalation', () => {
  it.each([
    {
      what: 'nothing breaks',
      capacity: 5000,
      levels: [100, 300, 500, 700, 1000],
      finding: { kind: 'holds', holds: 1000 },
    },
    {
      what: 'it breaks between two steps, and again at the same level',
      capacity: 800,
      levels: [100, 300, 500, 700, 1000, 850, 775, 812, 812],
      finding: { kind: 'breaks', holds: 775, breaksAt: 812 },
    },
    {
      what: 'it breaks below the first step',
      capacity: 20,
      levels: [100, 50, 25, 12, 18, 21, 19, 20, 21],
      finding: { kind: 'breaks', holds: 20, breaksAt: 21 },
    },
    {
      what: 'it carries nobody',
      capacity: 0,
      levels: [100, 50, 25, 12, 6, 3, 1, 1],
      finding: { kind: 'breaks', holds: 0, breaksAt: 1 },
    },
  ])('$what', ({ capacity, levels, finding }) => {
    expect(escalate(STRATEGY, carries(capacity))).toEqual({ levels, finding });
  });

  it('tries a level that could not be judged again, and goes on when it can be then', () => {
    const seen = escalate([10, 20], (vus, done) => (vus === 10 && done.length < 2 ? 'generator' : 'held'));
    expect(seen).toEqual({ levels: [10, 10, 10, 20], finding: { kind: 'holds', holds: 20 } });
  });

  it.each(['generator', 'unknown'] as const)(
    'says so where the platform did not break first: %s',
    (outcome) => {
      expect(escalate([10, 20, 40], (vus) => (vus > 20 ? outcome : 'held'))).toEqual({
        levels: [10, 20, 40, 40, 40],
        finding: { kind: outcome, holds: 20, at: 40 },
      });
      expect(escalate([10, 20, 40], (vus) => (vus === 30 ? outcome : carries(25)(vus)))).toEqual({
        levels: [10, 20, 40, 30, 30, 30],
        finding: { kind: outcome, holds: 20, at: 30, breaksAt: 40 },
      });
    },
  );

  it('does not believe a level that broke once and holds when it is tried again', () => {
    const seen = escalate(STRATEGY, (vus, done) =>
      vus === 300 && done.length === 1 ? 'broke' : carries(800)(vus),
    );
    expect(seen.levels.slice(0, 8)).toEqual([100, 300, 200, 250, 275, 287, 300, 500]);
    expect(seen.finding).toEqual({ kind: 'breaks', holds: 775, breaksAt: 812 });
  });

  const levels = fc
    .uniqueArray(fc.integer({ min: 1, max: 2000 }), { minLength: 1, maxLength: 8 })
    .map((list) => {
      return list.sort((a, b) => a - b);
    });

  it('finds any breaking point within 5 % or one viewer, in few steps', () => {
    fc.assert(
      fc.property(levels, fc.integer({ min: 0, max: 2500 }), (steps, capacity) => {
        const { levels: tried, finding } = escalate(steps, carries(capacity));
        const most = steps.at(-1) ?? 0;
        expect(finding.kind).toBe(capacity >= most ? 'holds' : 'breaks');
        expect(tried.length).toBeLessThanOrEqual(steps.length + Math.ceil(Math.log2(most)) + 2);
        if (finding.kind !== 'breaks') return;
        expect(finding.holds).toBeLessThanOrEqual(capacity);
        expect(finding.breaksAt).toBeGreaterThan(capacity);
        expect(finding.breaksAt - finding.holds).toBeLessThanOrEqual(
          Math.max(1, finding.breaksAt * PRECISION),
        );
      }),
    );
  });

  it('ends whatever the outcomes are, and says nothing that was not seen twice', () => {
    const outcomes = fc.infiniteStream(fc.constantFrom<StepOutcome>('held', 'broke', 'generator', 'unknown'));
    fc.assert(
      fc.property(levels, outcomes, (steps, stream) => {
        const seen: Measurement[] = [];
        const { finding } = escalate(steps, (vus) => {
          const outcome = stream.next().value as StepOutcome;
          seen.push({ vus, outcome });
          return outcome;
        });
        if (finding.kind !== 'breaks') return;
        const broke = seen.filter(({ vus, outcome }) => vus === finding.breaksAt && outcome === 'broke');
        expect(broke.length).toBeGreaterThanOrEqual(2);
      }),
    );
  });

  it('that is cut short still says what was seen', () => {
    expect(findingSoFar([])).toEqual({ holds: 0 });
    expect(
      findingSoFar([
        { vus: 10, outcome: 'held' },
        { vus: 20, outcome: 'broke' },
        { vus: 15, outcome: 'unknown' },
      ]),
    ).toEqual({
      holds: 10,
      breaksAt: 20,
    });
  });
});
