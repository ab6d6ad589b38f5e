import { defineConfig } from 'vitest/config';

/**
 * One project per kind of test; the kind is in the file name. `scenario` is one file, which plays
 * all scenarios on a stack as `sagaproof verify` does: see harness/runner/vitest-adapter.
 * `deployment` needs tools that take minutes to build: `pnpm test:deployment`.
 */
const NOT_OURS = ['**/node_modules/**', 'runs/**'];

/** Pure tests and those of consumers share a process: most take less time than starting one. */
const kinds = [
  { name: 'unit', testTimeout: 10_000, pool: 'threads', isolate: false },
  { name: 'component', testTimeout: 60_000, pool: 'forks', maxWorkers: 3 },
  { name: 'contract', testTimeout: 60_000, pool: 'forks', maxWorkers: 2, isolate: false },
  { name: 'deployment', testTimeout: 120_000, pool: 'forks', maxWorkers: 1 },
  { name: 'scenario', testTimeout: 600_000, pool: 'forks', maxWorkers: 1 },
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
    ],
  },
});
