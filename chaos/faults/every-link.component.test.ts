import { describe, expect, it } from 'vitest';
import { firstAnswerMs } from '../../harness/links/first-answer.ts';
import { useOwnRuns } from '../../harness/testbed/stack.testkit.ts';
import { bootStack } from '../../harness/testbed/stack.ts';

/** A whole stack, on a machine that has more to do. */
const TEST_TIMEOUT_MS = 180_000;
const ANSWER_TIMEOUT_MS = 20_000;

describe('the links of a whole stack', () => {
  const tests = useOwnRuns();

  it('lead to servers that answer in their protocol', { timeout: TEST_TIMEOUT_MS }, async () => {
    await using stack = await bootStack({ installation: tests.installation(), fresh: true });
    const { links } = stack.addressBook;
    expect(links.length).toBeGreaterThan(30);
    const answers = await Promise.allSettled(
      links.map((link) => firstAnswerMs(link, AbortSignal.timeout(ANSWER_TIMEOUT_MS))),
    );
    const silent = links.filter((_, index) => answers[index]?.status !== 'fulfilled');
    expect(silent.map(({ name }) => name)).toEqual([]);
  });
});
