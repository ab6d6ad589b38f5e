import type { Phase, ProgressEvent } from './progress.ts';

/** Everything that happened, and a way to follow what happens next. */
export interface ProgressLog {
  add(resource: string, phase: Phase, info?: { elapsedMs?: number; detail?: string }): void;
  /** From the first event on; ends when the log is closed or the signal aborts. */
  follow(signal: AbortSignal): AsyncIterable<ProgressEvent>;
  close(): void;
}

export function createProgressLog(): ProgressLog {
  const events: ProgressEvent[] = [];
  let closed = false;
  let waiting = Promise.withResolvers<void>();
  const wake = () => {
    waiting.resolve();
    waiting = Promise.withResolvers();
  };
  return {
    add(resource, phase, info = {}) {
      const at = new Date().toISOString();
      events.push({ seq: events.length + 1, at, resource, phase, ...info });
      wake();
    },
    async *follow(signal) {
      const aborted = new Promise<void>((resolve) => {
        signal.addEventListener('abort', () => resolve(), { once: true });
      });
      let next = 0;
      while (!signal.aborted) {
        const event = events[next];
        if (event) {
          next += 1;
          yield event;
        } else if (closed) {
          return;
        } else {
          await Promise.race([waiting.promise, aborted]);
        }
      }
    },
    close() {
      closed = true;
      wake();
    },
  };
}
