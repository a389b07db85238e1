import { describe, expect, test } from 'vitest';
import type { TestModule } from 'vitest/node';
import type { ServiceName } from '../services/available.js';
import { closingLines, totals } from './closing-line.js';

interface FakeTest {
  readonly state: 'passed' | 'failed' | 'skipped' | 'pending';
  readonly note?: string;
  readonly services?: readonly ServiceName[];
}

describe('the closing line', () => {
  test('adds up passed and failed tests of all files and stands alone at the end', () => {
    const run = totals([file('passed', passed, passed), file('failed', passed, { state: 'failed' })], 0);
    expect(closingLines(run, () => '1').at(-1)).toBe('3 passed, 1 failed');
  });

  test('names skipped tests and each reason once', () => {
    const skipped: FakeTest = { state: 'skipped', note: 'nginx is not installed' };
    const lines = closingLines(totals([file('passed', passed, skipped, skipped)], 0), () => '1');
    expect(lines.at(-1)).toBe('1 passed, 0 failed, 2 skipped');
    expect(lines.filter((line) => line.includes('nginx is not installed'))).toHaveLength(1);
  });

  test('counts a file that failed without a failed test as a failure', () => {
    expect(totals([file('failed'), file('passed', passed)], 0).failed).toBe(1);
    expect(totals([file('failed', { state: 'skipped' })], 0).failed).toBe(1);
  });

  test('counts an error outside any test as a failure', () => {
    expect(totals([file('passed', passed)], 1).failed).toBe(1);
  });

  test('shows a test that never ran as skipped, not as passed', () => {
    const run = totals([file('passed', { state: 'pending' })], 0);
    expect(run).toMatchObject({ passed: 0, skipped: 1, skipReasons: ['never ran'] });
  });

  test('lists the real services that passed tests used, with their versions', () => {
    const run = totals([file('passed', { state: 'passed', services: ['nginx', 'ffmpeg'] }, passed)], 0);
    const lines = closingLines(run, (service) => `${service} 9.9`);
    expect(lines).toContain('  nginx: nginx 9.9');
    expect(lines).toContain('  ffmpeg: ffmpeg 9.9');
    expect(closingLines(totals([file('passed', passed)], 0), () => '1')).toContain(
      'real services used: none',
    );
  });
});

const passed: FakeTest = { state: 'passed' };

function file(state: 'passed' | 'failed', ...tests: readonly FakeTest[]): TestModule {
  const fake = {
    state: () => state,
    children: {
      allTests: () =>
        tests.map((each) => ({
          result: () => ({ state: each.state, note: each.note }),
          meta: () => ({ services: each.services }),
        })),
    },
  };
  return fake as unknown as TestModule;
}
