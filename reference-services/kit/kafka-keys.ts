import type { Received } from './kafka-processor.ts';
import { allDone } from './settled.ts';
import { withTraceparent } from './telemetry.ts';

/** Keys whose records are handled side by side; a pool of connections has as many. */
const KEYS_AT_ONCE = 8;

type Keyed = Pick<Received, 'key' | 'traceparent'>;

/** Handles records of different keys side by side, and those of one key in order. */
export function sideBySide<M>(handle: (message: M) => Promise<void>) {
  return {
    handle,
    async handleAll(messages: ReadonlyArray<M & Keyed>): Promise<void> {
      const groups = Map.groupBy(messages, ({ key }) => key).values();
      const work = async () => {
        // The workers share the iterator: each takes the next group that none has taken.
        for (const group of groups) await inOrder(group, handle);
      };
      await allDone(Array.from({ length: KEYS_AT_ONCE }, work));
    },
  };
}

async function inOrder<M>(
  messages: ReadonlyArray<M & Keyed>,
  handle: (message: M) => Promise<void>,
): Promise<void> {
  for (const message of messages) {
    await withTraceparent(message.traceparent, () => handle(message));
  }
}
