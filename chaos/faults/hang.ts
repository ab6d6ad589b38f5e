import { setTimeout as pause } from 'node:timers/promises';
import { defineFault } from '../../harness/links/fault.ts';
import { firstAnswerMs } from '../../harness/links/first-answer.ts';
import type { LinkContext } from './cut.ts';

const BASELINE_TIMEOUT_MS = 10_000;
/** So many times longer than the answer took before is no answer any more. */
const TIMES_LONGER = 20;
const LEAST_MS = 300;

export interface Hang {
  /** Answers (`client`, the default) or requests (`server`). */
  readonly toward?: 'client' | 'server';
}

/**
 * Claims: a dependency is connected and silent: requests are sent and no answer comes.
 * Checks: a request in the dependency's own protocol was answered through the link before, and has
 * no answer now in a time that is many times longer, on a connection that stays open.
 * Could be fooled: by a dependency that hangs itself at that moment.
 */
export const hang = defineFault({
  name: 'hang',
  async arm({ links }: LinkContext, link: string, { toward = 'client' }: Hang) {
    const timeout = AbortSignal.timeout(BASELINE_TIMEOUT_MS);
    const beforeMs = await firstAnswerMs(links.find(link), timeout);
    return { beforeMs, disturbance: await links.impair(link, { kind: 'hang', toward }) };
  },
  async landed({ beforeMs, disturbance: { link } }, { links }, signal) {
    const waitMs = Math.max(LEAST_MS, Math.ceil(beforeMs * TIMES_LONGER));
    const stop = new AbortController();
    const answer = firstAnswerMs(links.find(link), AbortSignal.any([signal, stop.signal]));
    const waited = pause(waitMs, undefined, { signal });
    const first = await Promise.race([answer, waited]);
    stop.abort();
    await answer.catch(() => undefined);
    if (first !== undefined) throw new Error(`${link} answers after ${first.toFixed(1)} ms`);
    return `${link} has not answered in ${waitMs} ms, before in ${beforeMs.toFixed(1)} ms`;
  },
  lift: ({ disturbance }) => disturbance.restore(),
});
