import type { Hint } from '../ports.ts';
import { updateLogContract } from '../update-log.testkit.ts';
import { MemoryUpdateLog } from './memory-log.ts';

updateLogContract('The memory log', async () => {
  const given: Hint[] = [];
  const log = new MemoryUpdateLog((hint) => given.push(hint));
  return { log, lose: async () => log.loseEverything(), hints: async () => given };
});
