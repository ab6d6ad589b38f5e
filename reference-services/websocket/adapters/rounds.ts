import { setInterval as ticks } from 'node:timers/promises';
import { errorCodeOf } from '#kit/errors.ts';
import type { ServiceContext } from '#kit/service.ts';

/**
 * Does something again and again until the drain, one round at a time. A round that fails is logged
 * and left to the next.
 */
export function repeat(
  context: ServiceContext,
  name: string,
  intervalMs: number,
  round: () => Promise<unknown>,
): void {
  const run = async () => {
    try {
      for await (const _ of ticks(intervalMs, undefined, { signal: context.signal })) {
        await round().catch((error: unknown) => {
          const level = errorCodeOf(error) === undefined ? 'warn' : 'debug';
          context.log[level]({ err: error, round: name }, 'a round failed; the next one goes on');
        });
      }
    } catch (error) {
      if (!context.signal.aborted) throw error;
    }
  };
  const running = run();
  context.onDrain(() => running);
}
