import { defineConfig } from 'vitest/config';

/**
 * One project per kind of test; the kind is in the file name. Scenarios and contracts need a
 * running stack, so they get long deadlines and no parallel files (they share two cores).
 */
const KINDS = {
  unit: { testTimeout: 10_000 },
  component: { testTimeout: 60_000 },
  contract: { testTimeout: 60_000 },
  scenario: { testTimeout: 120_000 },
} as const;

export default defineConfig({
  test: {
    retry: 0,
    passWithNoTests: false,
    projects: Object.entries(KINDS).map(([kind, limits]) => ({
      test: {
        name: kind,
        include: [`**/*.${kind}.test.ts`],
        exclude: ['**/node_modules/**', 'runs/**'],
        hookTimeout: 120_000,
        pool: 'forks' as const,
        ...limits,
      },
    })),
  },
});
