import { defineFault } from '../../harness/links/fault.ts';
import { firstAnswerMs } from '../../harness/links/first-answer.ts';
import type { LinkContext } from './cut.ts';

const BASELINE_TIMEOUT_MS = 10_000;
const RESET_CODES: ReadonlySet<unknown> = new Set(['ECONNRESET', 'EPIPE']);

/**
 * Claims: connections are accepted and reset as soon as something passes.
 * Checks: a request was answered through the link before, and its connection is reset now.
 * Could be fooled: by a dependency that resets connections itself at that moment.
 */
export const reset = defineFault({
  name: 'reset',
  async arm({ links }: LinkContext, link: string, _: object) {
    await firstAnswerMs(links.find(link), AbortSignal.timeout(BASELINE_TIMEOUT_MS));
    return links.impair(link, { kind: 'reset' });
  },
  async landed({ link }, { links }, signal) {
    let code: string | undefined;
    try {
      await firstAnswerMs(links.find(link), signal);
    } catch (error) {
      ({ code } = error as NodeJS.ErrnoException);
      if (!RESET_CODES.has(code)) throw error;
    }
    if (code === undefined) throw new Error(`${link} answers`);
    return `${link} answered a request before and ends the next with ${code}`;
  },
  lift: (disturbance) => disturbance.restore(),
});
