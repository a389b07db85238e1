import { describe, expect, it } from 'vitest';
import type { ConfigIssue } from '../errors.js';
import { type Environment, envLayer, namedVariables, unknownVariables, variableOf } from './env-layer.js';
import { list, text, toggle } from './flag-spec.js';
import { RUN_ROWS } from './flags.js';

const ROWS = {
  vus: text('', ''),
  'allow-target': list('', ''),
  'stage-fault': list('', '', { separator: ';' }),
  quiet: toggle('', ''),
  'print-plan': toggle('', '', { notIn: ['file', 'env'] }),
  'secret-env': text('', '', { namesVariable: true }),
};

function read(env: Environment): { values: object; issues: ConfigIssue[] } {
  const issues: ConfigIssue[] = [];
  return { values: envLayer(env, ROWS, issues).values, issues };
}

describe('envLayer', () => {
  it('reads text as it is, lists by their separator, switches as words or digits', () => {
    const env = {
      DORAMI_LOAD_VUS: '007',
      DORAMI_LOAD_ALLOW_TARGET: 'a, b',
      DORAMI_LOAD_STAGE_FAULT: 'freeze:at=20,for=2; html-502',
      DORAMI_LOAD_QUIET: '0',
    };
    expect(read(env)).toEqual({
      values: {
        vus: '007',
        'allow-target': ['a', 'b'],
        'stage-fault': ['freeze:at=20,for=2', 'html-502'],
        quiet: false,
      },
      issues: [],
    });
  });

  it.each([
    ['true', true],
    ['1', true],
    ['TRUE', true],
    ['false', false],
  ])('takes %s for a switch', (seen, value) => {
    expect(read({ DORAMI_LOAD_QUIET: seen }).values).toEqual({ quiet: value });
  });

  it.each(['yes', 'constructor', '2'])('refuses %s for a switch', (seen) => {
    const { values, issues } = read({ DORAMI_LOAD_QUIET: seen });
    expect(values).toEqual({});
    expect(issues).toEqual([
      { path: 'DORAMI_LOAD_QUIET', problem: 'not a switch', seen, wanted: 'true, false, 1 or 0' },
    ]);
  });

  it('takes an empty variable for an absent one', () => {
    expect(read({ DORAMI_LOAD_VUS: '', DORAMI_LOAD_QUIET: '' })).toEqual({ values: {}, issues: [] });
  });

  it('refuses what is asked of one call only', () => {
    expect(read({ DORAMI_LOAD_PRINT_PLAN: 'true' }).issues.map(({ path }) => path)).toEqual([
      'DORAMI_LOAD_PRINT_PLAN',
    ]);
  });
});

describe('unknownVariables', () => {
  it('refuses a mistyped one, names the right one, and does not show the value', () => {
    expect(unknownVariables({ DORAMI_LOAD_VSU: 'hunter2', PATH: '/bin' }, ROWS, [])).toEqual([
      { path: 'DORAMI_LOAD_VSU', problem: 'no such variable, did you mean DORAMI_LOAD_VUS?' },
    ]);
  });

  it('guesses nothing from what all of them begin with', () => {
    for (const name of ['DORAMI_LOAD_', 'DORAMI_LOAD_XYZZY']) {
      expect(unknownVariables({ [name]: '1' }, ROWS, [])[0]?.problem).toBe('no such variable');
    }
  });

  it('knows the variable of our own debugging, and those that a setting names', () => {
    const env = { DORAMI_LOAD_DEBUG: '1', DORAMI_LOAD_MY_SECRET: 'x' };
    const named = namedVariables({ 'secret-env': 'DORAMI_LOAD_MY_SECRET', vus: 'DORAMI_LOAD_X' }, ROWS);
    expect(named).toEqual(['DORAMI_LOAD_MY_SECRET']);
    expect(unknownVariables(env, ROWS, named)).toEqual([]);
    expect(unknownVariables(env, ROWS, [])).toHaveLength(1);
  });
});

it('gives every row of a run a variable of its own', () => {
  const names = Object.keys(RUN_ROWS).map(variableOf);
  expect(new Set(names).size).toBe(names.length);
  for (const name of names) expect(name).toMatch(/^DORAMI_LOAD_[A-Z0-9_]+$/);
});
