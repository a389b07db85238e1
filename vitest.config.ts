import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';
import { ClosingLine } from './test/reporter/closing-line.js';

/** A table of runs of ten viewers. */
const MANY_SMALL_RUNS = ['test/e2e/mutations.test.ts'];
/** What they claim hangs on milliseconds, or their load needs most of a core: nothing else runs beside them. */
const ALONE = [
  ...['fidelity', 'latency', 'publish-delay'].map((name) => `test/services/${name}.test.ts`),
  ...['garbage', 'live-plan', 'others', 'overload', 'recovery', 'renderer', 'secure', 'smoke'].map(
    (name) => `test/e2e/${name}.test.ts`,
  ),
];
/** Real processes, threads, sockets and servers. */
const REAL = { testTimeout: 180_000, hookTimeout: 60_000 };

export default defineConfig({
  test: {
    globalSetup: ['test/setup/scratch-folder.ts'],
    reporters: ['default', new ClosingLine()],
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['src/**/*.test.ts', 'bench/**/*.test.ts', 'test/**/*.test.ts'],
          exclude: ['test/e2e/**', 'test/services/**'],
          testTimeout: 20_000,
          // By default one core is left free, which of two is half of them.
          maxWorkers: availableParallelism(),
        },
      },
      {
        // After the unit tests, so that what is measured is the product and not the fight for the cores. Four runs
        // at most at a time, of a few viewers each: a quarter of a core, most of it before the first and after the
        // last viewer.
        extends: true,
        test: {
          name: 'e2e',
          include: ['test/services/**/*.test.ts', 'test/e2e/**/*.test.ts'],
          exclude: [...MANY_SMALL_RUNS, ...ALONE],
          ...REAL,
          maxWorkers: 2,
          maxConcurrency: 2,
          sequence: { groupOrder: 1 },
        },
      },
      {
        extends: true,
        test: {
          name: 'alone',
          include: ALONE,
          ...REAL,
          maxWorkers: 1,
          maxConcurrency: 2,
          sequence: { groupOrder: 2 },
        },
      },
      {
        extends: true,
        test: {
          name: 'mutations',
          include: MANY_SMALL_RUNS,
          ...REAL,
          maxWorkers: 1,
          maxConcurrency: 3,
          sequence: { groupOrder: 3 },
        },
      },
    ],
  },
});
