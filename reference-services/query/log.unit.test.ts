import { arrayLog } from './log.testkit.ts';
import { eventLogContract } from './log-contract.testkit.ts';

const log = arrayLog();
eventLogContract('memory', async () => ({
  log,
  append: async (events) => log.append(...events),
}));
