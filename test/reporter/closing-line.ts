import type { Reporter, TestModule } from 'vitest/node';
import { type ServiceName, serviceVersion } from '../services/available.js';

/** How a whole test run ended, ready to be printed. */
export interface RunTotals {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  /** Why tests were skipped, each reason once. */
  readonly skipReasons: readonly string[];
  /** Real services that tests used. */
  readonly services: readonly ServiceName[];
}

/**
 * Prints, after Vitest's own report, which real services the tests used and, alone on the last line, the plain
 * totals: `N passed, N failed`, with `, N skipped` if any.
 */
export class ClosingLine implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly unknown[]): void {
    for (const line of closingLines(totals(modules, unhandledErrors.length), serviceVersion)) {
      process.stdout.write(`${line}\n`);
    }
  }
}

/** The lines of the report; the last one holds the totals alone. */
export function closingLines(
  run: RunTotals,
  versionOf: (service: ServiceName) => string | undefined,
): readonly string[] {
  const used = run.services.map((service) => `  ${service}: ${versionOf(service) ?? 'version unknown'}`);
  return [
    '',
    used.length === 0 ? 'real services used: none' : 'real services used:',
    ...used,
    ...run.skipReasons.map((reason) => `skipped: ${reason}`),
    `${run.passed} passed, ${run.failed} failed${run.skipped > 0 ? `, ${run.skipped} skipped` : ''}`,
  ];
}

/**
 * Adds up a run. A file that failed without a failed test of its own (it could not be loaded, a hook threw) and
 * an error outside any test count as one failure each, so that a broken run never closes with `0 failed`.
 */
export function totals(modules: readonly TestModule[], unhandledErrorCount: number): RunTotals {
  const services = new Set<ServiceName>();
  const skipReasons = new Set<string>();
  let passed = 0;
  let failed = unhandledErrorCount;
  let skipped = 0;
  for (const module of modules) {
    const failedBefore = failed;
    for (const test of module.children.allTests()) {
      const result = test.result();
      for (const service of test.meta().services ?? []) services.add(service);
      if (result.state === 'passed') passed++;
      else if (result.state === 'failed') failed++;
      else {
        skipped++;
        skipReasons.add(result.state === 'skipped' ? (result.note ?? 'no reason given') : 'never ran');
      }
    }
    if (module.state() === 'failed' && failed === failedBefore) failed++;
  }
  return { passed, failed, skipped, skipReasons: [...skipReasons], services: [...services].sort() };
}
