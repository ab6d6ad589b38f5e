import { defineConfig } from 'vitest/config';

/**
 * One project per kind of test; the kind is in the file name. Scenarios share one running stack:
 * those that take nothing away run side by side, the exclusive ones after them, one by one.
 */
const NOT_OURS = ['**/node_modules/**', 'runs/**'];
const EXCLUSIVE = '**/*.exclusive.scenario.test.ts';

/** Pure tests and those of consumers share a process: most take less time than starting one. */
const kinds = [
  { name: 'unit', testTimeout: 10_000, pool: 'threads', isolate: false },
  { name: 'component', testTimeout: 60_000, pool: 'forks', maxWorkers: 3 },
  { name: 'contract', testTimeout: 60_000, pool: 'forks', maxWorkers: 2, isolate: false },
] as const;

export default defineConfig({
  test: {
    retry: 0,
    passWithNoTests: false,
    projects: [
      ...kinds.map(({ name, ...limits }, index) => ({
        test: {
          name,
          include: [`**/*.${name}.test.ts`],
          exclude: NOT_OURS,
          hookTimeout: 120_000,
          restoreMocks: true,
          sequence: { groupOrder: index },
          ...limits,
        },
      })),
      {
        test: {
          name: 'scenario',
          include: ['scenarios/**/*.scenario.test.ts'],
          exclude: [...NOT_OURS, EXCLUSIVE],
          pool: 'threads' as const,
          isolate: false,
          maxWorkers: 6,
          sequence: { groupOrder: 10 },
        },
      },
      {
        test: {
          name: 'exclusive',
          include: [EXCLUSIVE],
          exclude: NOT_OURS,
          pool: 'threads' as const,
          isolate: false,
          maxWorkers: 1,
          fileParallelism: false,
          sequence: { groupOrder: 11 },
        },
      },
    ],
  },
});
