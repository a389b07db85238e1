import { defineConfig } from 'vitest/config';
import { ClosingLine } from './test/reporter/closing-line.js';

const MANY_SMALL_RUNS = ['test/e2e/mutations.test.ts'];

export default defineConfig({
  test: {
    reporters: ['default', new ClosingLine()],
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['src/**/*.test.ts', 'bench/**/*.test.ts', 'test/**/*.test.ts'],
          exclude: ['test/e2e/**', 'test/services/**'],
          testTimeout: 20_000,
        },
      },
      {
        // Real processes, threads, sockets and servers: one file at a time, after the unit tests, so that what
        // is measured is the product and not the fight for the cores.
        extends: true,
        test: {
          name: 'e2e',
          include: ['test/services/**/*.test.ts', 'test/e2e/**/*.test.ts'],
          exclude: MANY_SMALL_RUNS,
          testTimeout: 180_000,
          hookTimeout: 60_000,
          fileParallelism: false,
          maxWorkers: 1,
          maxConcurrency: 2,
          sequence: { groupOrder: 1 },
        },
      },
      {
        // A table of runs of ten viewers, a tenth of a core each: three at a time.
        extends: true,
        test: {
          name: 'mutations',
          include: MANY_SMALL_RUNS,
          testTimeout: 180_000,
          hookTimeout: 60_000,
          fileParallelism: false,
          maxWorkers: 1,
          maxConcurrency: 3,
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
});
