import { expect, it } from 'vitest';
import type { Summary } from './summary-schema.js';
import { headline } from './verdict-line.js';

const summary = (run: Partial<Summary['run']>): Summary =>
  ({ verdict: 'pass', gate: 'viewer', run: { profile: 'ramp', ...run } }) as Summary;

it('names gate and profile, and a scale of time where there is one', () => {
  expect(headline(summary({}))).toBe('PASS (viewer, ramp)');
  expect(headline(summary({ timeScale: 0.1 }))).toBe('PASS (viewer, ramp, scaled 0.1)');
});
