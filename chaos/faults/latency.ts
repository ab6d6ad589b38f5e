import { defineFault } from '../../harness/links/fault.ts';
import { firstAnswerMs } from '../../harness/links/first-answer.ts';
import type { Delay } from '../../harness/links/hop.ts';
import type { LinkContext } from './cut.ts';

/** The fastest of several counts: a busy machine makes answers slow, never fast. */
const SAMPLES = 3;
/** Timers fire up to a millisecond early, on either side. */
const TIMER_SLACK_MS = 2;
const BASELINE_TIMEOUT_MS = 10_000;

/**
 * Claims: bytes between the service and the dependency are late by the given time.
 * Checks: a request in the dependency's own protocol is answered through the link faster than the
 * least delay before, and by none of several connections faster than that now.
 * Could be fooled: by a dependency that hangs at that moment for about as long as the delay.
 */
export const latency = defineFault({
  name: 'latency',
  async arm({ links }: LinkContext, link: string, delay: Delay) {
    const leastMs = delay.latencyMs - (delay.jitterMs ?? 0) - TIMER_SLACK_MS;
    const beforeMs = await fastestMs({ links }, link, AbortSignal.timeout(BASELINE_TIMEOUT_MS));
    if (beforeMs >= leastMs) {
      throw new Error(
        `link ${link} takes ${beforeMs.toFixed(1)} ms already, so a delay of ` +
          `${delay.latencyMs} ms ± ${delay.jitterMs ?? 0} ms could not be seen`,
      );
    }
    return { beforeMs, leastMs, disturbance: await links.delay(link, delay) };
  },
  async landed({ beforeMs, leastMs, disturbance: { link } }, context, signal) {
    const nowMs = await fastestMs(context, link, signal);
    const [before, now] = [beforeMs.toFixed(1), nowMs.toFixed(1)];
    if (nowMs < leastMs) throw new Error(`${link} answers after ${now} ms (before: ${before} ms)`);
    return `the fastest of ${SAMPLES} answers through ${link} took ${now} ms, before ${before} ms`;
  },
  lift: ({ disturbance }) => disturbance.restore(),
});

async function fastestMs(
  { links }: LinkContext,
  link: string,
  signal: AbortSignal,
): Promise<number> {
  const address = links.find(link);
  const samples = Array.from({ length: SAMPLES }, () => firstAnswerMs(address, signal));
  return Math.min(...(await Promise.all(samples)));
}
