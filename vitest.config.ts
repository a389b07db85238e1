import { defineConfig } from 'vitest/config';
import { ClosingLine } from './test/reporter/closing-line.js';

export default defineConfig({
  test: {
    reporters: ['default', new ClosingLine()],
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['src/**/*.test.ts', 'test/**/*.test.ts'],
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
          testTimeout: 180_000,
          hookTimeout: 60_000,
          fileParallelism: false,
          maxWorkers: 1,
          maxConcurrency: 2,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
