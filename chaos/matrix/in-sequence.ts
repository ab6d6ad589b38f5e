import type { RunPlay } from '../../harness/runner/verification.ts';

/** Plays one after the other in the same run. */
export const inSequence = (...plays: readonly RunPlay[]): RunPlay => ({
  async play(options) {
    const results = [];
    for (const one of plays) results.push(...(await one.play(options)));
    return results;
  },
});
