import { expect, it } from 'vitest';
import { useOwnRuns } from './stack.testkit.ts';
import { bootStack } from './stack.ts';

const BOOT_TIMEOUT_MS = 180_000;
const tests = useOwnRuns('実行 フォルダ-');

it(
  'boots in a folder whose name has spaces and letters that are not ASCII',
  async () => {
    await using stack = await bootStack({
      only: ['kafka', 'connect', 'registry', 'postgres', 'redis', 'mongodb', 'eventstore'],
      installation: tests.installation(),
      fresh: true,
    });
    expect(stack.runFolder).toContain('実行 フォルダ-');
  },
  BOOT_TIMEOUT_MS,
);
