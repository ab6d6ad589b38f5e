import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';

const root = fileURLToPath(new URL('../../', import.meta.url));
const read = (path: string) => readFileSync(`${root}${path}`, 'utf8');

const CompositeAction = z.strictObject({
  name: z.string(),
  description: z.string(),
  inputs: z.record(
    z.string(),
    z.strictObject({
      description: z.string(),
      required: z.boolean().optional(),
      default: z.string().optional(),
    }),
  ),
  runs: z.object({
    using: z.literal('composite'),
    steps: z.array(z.object({ run: z.string().optional(), shell: z.string().optional() })).min(1),
  }),
});

describe('the GitHub action', () => {
  it('names the shell of its steps, reads inputs from the environment, and fits its example', () => {
    const { runs, inputs } = CompositeAction.parse(
      parse(read('.github/actions/sagaproof/action.yml')),
    );
    const scripts = runs.steps.filter(({ run }) => run !== undefined);
    expect(scripts.every(({ shell }) => shell === 'bash')).toBe(true);
    // An expression in a script is a shell injection.
    expect(scripts.filter(({ run = '' }) => run.includes('${{'))).toEqual([]);
    const example = parse(read('examples/ci/sagaproof.yml')) as {
      jobs: Record<string, { steps: Array<{ uses?: string; with?: Record<string, unknown> }> }>;
    };
    const uses = Object.values(example.jobs)
      .flatMap(({ steps }) => steps)
      .filter(({ uses = '' }) => uses.includes('/actions/sagaproof@'));
    expect(uses).not.toEqual([]);
    for (const { with: given = {} } of uses) {
      expect(Object.keys(inputs)).toEqual(expect.arrayContaining(Object.keys(given)));
    }
  });
});
