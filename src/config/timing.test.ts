import { describe, expect, it } from 'vitest';
import type { ConfigIssue } from '../errors.js';
import { resolveTiming } from './timing.js';

describe('resolveTiming', () => {
  it('takes what was given, and nothing else', () => {
    expect(resolveTiming({}, [])).toEqual({});
    expect(resolveTiming({ hold: '30m', 'time-scale': '.1' }, [])).toEqual({
      holdMs: 1_800_000,
      timeScale: 0.1,
    });
  });

  it.each([
    ['time-scale', '0'],
    ['time-scale', '1.5'],
    ['time-scale', '10%'],
    ['time-scale', '1e-1'],
    ['time-scale', ''],
    ['hold', '30'],
    ['hold', '500ms'],
    ['duration', '200h'],
  ] as const)('refuses --%s %s', (key, value) => {
    const issues: ConfigIssue[] = [];
    expect(resolveTiming({ [key]: value }, issues)).toEqual({});
    expect(issues.map(({ path }) => path)).toEqual([`--${key}`]);
  });
});
