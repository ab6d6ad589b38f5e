/** Resolves when all have, and rejects with the first failure when all have settled. */
export async function allDone(works: ReadonlyArray<Promise<unknown>>): Promise<void> {
  const results = await Promise.allSettled(works);
  const failed = results.find(({ status }) => status === 'rejected');
  if (failed?.status === 'rejected') throw failed.reason;
}
