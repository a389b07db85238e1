import { expect, it } from 'vitest';
import { ConfigError, PreflightError, TargetNotAllowedError } from '../errors.js';
import { outcomeOf } from './outcome.js';

function ended(error: unknown): { exitCode: number; reason?: string; lines: string[] } {
  const lines: string[] = [];
  return { ...outcomeOf(error, { result: () => {}, line: (text) => lines.push(text) }), lines };
}

it.each([
  [new ConfigError([{ path: '--vus', problem: 'bad' }]), 104, 'bad configuration: --vus: bad'],
  [new TargetNotAllowedError('h', 'why'), 104, 'h is not allowed as a target: why'],
  [new PreflightError('dead'), 113, 'preflight: dead'],
  [new Error('x\n  at y'), 1, 'our own fault: x (DORAMI_LOAD_DEBUG=1 shows where)'],
  ['thrown', 1, 'our own fault: thrown (DORAMI_LOAD_DEBUG=1 shows where)'],
])('%s has a code and a sentence', (error, exitCode, reason) => {
  expect(ended(error)).toEqual({ exitCode, reason, lines: [] });
});

it('prints several problems in lines, and no more than can be read', () => {
  const issues = Array.from({ length: 3000 }, (_, i) => ({ path: `k${i}`, problem: 'bad' }));
  const { lines, reason } = ended(new ConfigError(issues));
  expect(lines).toHaveLength(51);
  expect(lines.at(-1)).toBe('and 2950 more');
  expect(reason).toBe('bad configuration: 3000 problems, the first: k0: bad');
});
