import { jobStoreContract } from '../job-store.testkit.ts';
import { MemoryJobStore } from './memory-store.ts';

jobStoreContract('The memory store', async () => {
  let nowMs = 1_000;
  // Time passes for one job only: the others of a test live on.
  const store = new MemoryJobStore({ now: () => nowMs });
  return {
    store,
    lose: async () => store.loseEverything(),
    async lapse(jobId) {
      const loaded = await store.load(jobId);
      const record = loaded.stored?.record;
      if (record === undefined) throw new Error(`there is no job ${jobId}`);
      await store.commit(loaded, { record, ttlMs: 1 });
      nowMs += 1;
    },
  };
});
