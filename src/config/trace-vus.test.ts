import { describe, expect, it } from 'vitest';
import { type ConfigIssue, formatIssue } from '../errors.js';
import { resolveTraceVus } from './trace-vus.js';

function resolved(seen: readonly string[], vus: number) {
  const issues: ConfigIssue[] = [];
  return { vus: resolveTraceVus(seen, vus, issues), issues: issues.map(formatIssue) };
}

describe('--trace-vu', () => {
  it('takes numbers with commas and several flags, each once, in order', () => {
    expect(resolved(['17,3', ' 0 ', '3'], 50)).toEqual({ vus: [0, 3, 17], issues: [] });
    expect(resolved([], 50)).toEqual({ vus: [], issues: [] });
  });

  it('refuses a viewer that does not exist, and says which do', () => {
    expect(resolved(['50'], 50).issues).toEqual([
      '--trace-vu: no such viewer (seen 50, wanted 0 to 49, e.g. 0 or 0,49)',
    ]);
    expect(resolved(['1'], 1).issues[0]).toContain('this run has one viewer');
  });

  it.each(['x', '', '-1', '1.5', '3-5', '3,'])('refuses %j', (text) => {
    expect(resolved([text], 50).issues[0]).toContain('not the number of a viewer');
  });

  it('refuses more than 20, and does not list thousands of problems', () => {
    const many = Array.from({ length: 21 }, (_, i) => `${i}`).join(',');
    expect(resolved([many], 50).issues).toEqual([
      '--trace-vu: too many viewers to follow (seen 21, wanted at most 20)',
    ]);
    expect(resolved([Array(5000).fill('x').join(',')], 50).issues.length).toBeLessThan(30);
  });
});
