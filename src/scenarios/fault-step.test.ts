import { describe, expect, test } from 'vitest';
import { parseFaults } from './fault-parse.js';
import { planFaults, planIssues } from './fault-plan.js';
import { classOf, type FaultStep, faultIssues, faultWords, runsCommands } from './fault-step.js';

const STAGES = ['ramp', 'hold', 'broken'];
const PARTITION = { name: 'partition', stage: 'broken', do: { network: 'partition' }, for: '10s' };

function problemsOf(value: unknown): string[] {
  return parseFaults(value, 'faults', STAGES).issues.map(({ path, problem }) => `${path}: ${problem}`);
}

function one(value: unknown): FaultStep {
  const { faults, issues } = parseFaults([value], 'faults', STAGES);
  expect(issues).toEqual([]);
  return faults[0] as FaultStep;
}

describe('faults of a profile file', () => {
  test('are read with what they leave out', () => {
    expect(one(PARTITION)).toEqual({
      ...{ name: 'partition', stage: 'broken', atMs: 0, forMs: 10_000 },
      action: { on: 'network', do: 'partition' },
      breaks: 'network',
      graceMs: 45_000,
    });
  });

  test.each([
    [{ network: 'reset' }, undefined, 'network', 'network reset'],
    [{ publisher: 'stop' }, '1m30s', 'publisher', 'publisher stop for 90 s'],
    [{ media: 'kill' }, '500ms', 'media', 'media kill for 0.5 s'],
    [{ stage: 'blackhole' }, '2s', 'network', 'stage blackhole for 2 s'],
    [{ stage: 'slow', ms: 2000 }, '5s', 'other', 'stage slow for 5 s'],
    [{ run: 'docker kill x' }, undefined, 'other', '`docker kill x`'],
    [{ run: 'a', undo: 'b' }, '3s', 'other', '`a` for 3 s, undone by `b`'],
  ] as const)('%j for %s breaks %s', (action, span, breaks, words) => {
    const fault = one({ name: 'x', stage: 'hold', do: action, ...(span === undefined ? {} : { for: span }) });
    expect(fault.breaks).toBe(breaks);
    expect(classOf(fault.action)).toBe(breaks);
    expect(faultWords(fault)).toBe(words);
  });

  test('a command says what it breaks, and has ten seconds unless told otherwise', () => {
    const fault = one({ name: 'x', stage: 'hold', do: { run: 'a' }, breaks: 'media' });
    expect(fault).toMatchObject({ breaks: 'media', action: { timeLimitMs: 10_000 } });
    expect(one({ name: 'x', stage: 'hold', do: { run: 'a', timeout: '2m' } }).action).toMatchObject({
      timeLimitMs: 120_000,
    });
    expect([runsCommands([fault]), runsCommands([one(PARTITION)])]).toEqual([true, false]);
  });

  test('all problems are said at once', () => {
    const problems = problemsOf([
      7,
      { name: 'a b', stage: 'nowhere', do: { network: 'partition' }, at: 'soon', for: '10s' },
      { ...PARTITION, name: 'twice' },
      { ...PARTITION, name: 'twice' },
      { name: 'c', stage: 'hold', do: { network: 'cut' }, colour: 'red' },
      { name: 'd', stage: 'hold', do: { network: 'reset', run: 'x' } },
      { name: 'e', stage: 'hold', do: { run: 'x', undo: '', timeout: '11m' } },
      { name: 'f', stage: 'hold', do: { media: 'kill' } },
      { name: 'g', stage: 'hold', do: { network: 'reset' }, for: '1s' },
      { name: 'h', stage: 'hold', do: { publisher: 'stop' }, for: '1s', breaks: 'media' },
      { name: 'i', stage: 'hold', do: { stage: 'slow', ms: true }, breaks: 'all' },
      { stage: 'hold' },
      { name: 'j', stage: 'hold', do: { run: 'x', undo: 'y' } },
    ]);
    expect(problems).toEqual([
      'faults[0]: not a fault',
      'faults[1].at: not a duration',
      'faults[4].colour: no such key',
      'faults[4].do.network: no such action',
      'faults[5].do: more than one action',
      'faults[6].do.undo: not a text',
      'faults[6].do.timeout: out of range',
      'faults[9].breaks: publisher breaks publisher',
      'faults[10].do.ms: neither a text nor a number',
      'faults[10].breaks: no such class',
      'faults[11].do: not an action',
      'faults[11].name: missing',
      // Of those that could be read, by their names.
      'faults.twice.name: named twice',
      'faults.f.for: missing: how long it lasts',
      'faults.g.for: a reset happens at one moment',
      'faults.j.for: missing: when it is undone',
    ]);
  });

  test.each([[undefined], ['x'], [{}], [Array.from({ length: 51 }, () => PARTITION)]])(
    'no list: %j',
    (value) => {
      expect(problemsOf(value)).toEqual(['faults: not a list of faults']);
    },
  );

  test('steps written in code are held to the same rules', () => {
    const step = one(PARTITION);
    expect(faultIssues([step], 'faults', STAGES)).toEqual([]);
    const wrong: FaultStep[] = [
      { ...step, name: '' },
      { ...step, stage: 'x' },
      { ...step, atMs: -1, name: 'y' },
    ];
    expect(faultIssues(wrong, 'faults', STAGES).map(({ path }) => path)).toEqual([
      'faults..name',
      'faults.partition.stage',
      'faults.y.at',
    ]);
  });
});

describe('faults in a plan', () => {
  const phases = [
    { name: 'ramp', fromMs: 0 },
    { name: 'hold', fromMs: 10_000 },
    { name: 'broken', fromMs: 60_000 },
  ];

  test('begin at their offset from their stage, earliest first', () => {
    const late = one(PARTITION);
    const early = one({ ...PARTITION, name: 'early', stage: 'hold', at: '5s' });
    const planned = planFaults([late, early], phases);
    expect(planned.map(({ step, fromMs, toMs }) => [step.name, fromMs, toMs])).toEqual([
      ['early', 15_000, 25_000],
      ['partition', 60_000, 70_000],
    ]);
    expect(planIssues(planned, 80_000, 'faults')).toEqual([]);
  });

  test('may not lie over each other, nor reach beyond the run', () => {
    const first = one(PARTITION);
    const second = one({ ...PARTITION, name: 'second', at: '5s' });
    expect(planIssues(planFaults([first, second], phases), 70_000, 'faults')).toMatchObject([
      { path: 'faults.second', problem: 'begins while partition lasts' },
      { path: 'faults.second', problem: 'ends after the run' },
    ]);
  });

  test('one whose stage is not there is in no plan', () => {
    expect(planFaults([{ ...one(PARTITION), stage: 'gone' }], phases)).toEqual([]);
  });
});
