import { OperationalError } from '#kit/errors.ts';
import { MemoryJobStore } from './adapters/memory-store.ts';
import { JobService } from './app.ts';
import type { JobUpdate } from './domain.ts';
import type { PendingUpdate } from './ports.ts';

export const ISSUED_TTL_MS = 30_000;
export const JOB_TTL_MS = 3_600_000;

/** The use cases over ports in memory, with a clock and a publisher that the test commands. */
export function setUp(instances = 1) {
  let nowMs = 1_000_000;
  const clock = { now: () => nowMs };
  const store = new MemoryJobStore(clock);
  const published: JobUpdate[] = [];
  let failures: boolean[] = [];
  const publisher = {
    async publish(pending: readonly PendingUpdate[]) {
      if (failures.shift() === true) throw new OperationalError('unavailable');
      published.push(...pending.map(({ update }) => update));
    },
  };
  const history = { replay: async (take: (update: JobUpdate) => void) => published.forEach(take) };
  const parts = { store, outbox: store, publisher, history, clock };
  const ttls = { issuedTtlMs: ISSUED_TTL_MS, jobTtlMs: JOB_TTL_MS };
  const services = Array.from({ length: instances }, () => new JobService({ ...parts, ...ttls }));
  const [jobs] = services;
  if (jobs === undefined) throw new Error('at least one instance is needed');
  return {
    jobs,
    services,
    store,
    published,
    pass(ms: number) {
      nowMs += ms;
    },
    failPublishing(plan: boolean[]) {
      failures = plan;
    },
  };
}
