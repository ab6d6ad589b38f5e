import { v5 as uuidv5 } from 'uuid';
import type { JobUpdate } from './domain.ts';

export const USER = 'user-1';
const NAMESPACE = '5f0c4c5e-3a0f-5a47-8a53-0a9a4b7a3d10';

/** The job of a name. */
export const jobOf = (name: string): string => uuidv5(name, NAMESPACE);

/** What is said about a job in order, one update for each level that is named. */
export function updatesOf(
  jobName: string,
  levels: ReadonlyArray<JobUpdate['level']>,
  userId = USER,
): JobUpdate[] {
  const jobId = jobOf(jobName);
  const last = { outcome: 0, progress: 0, detail: 0 };
  return levels.map((level, index) => {
    const sequence = index + 1;
    const isEnd = level === 'OUTCOME';
    const update: JobUpdate = {
      messageId: uuidv5(`${jobId} ${sequence}`, NAMESPACE),
      jobId,
      userId,
      orderId: jobOf(`order of ${jobName}`),
      sequence,
      previousSequences: { ...last },
      level,
      kind: isEnd ? 'SUCCEEDED' : level === 'PROGRESS' ? 'STEP_COMPLETED' : 'DOMAIN_EVENT',
      state: isEnd ? 'SUCCEEDED' : 'RUNNING',
      step: level === 'PROGRESS' ? 'RESERVE_STOCK' : null,
      detail: level === 'DETAIL' ? 'StockReserved' : null,
      reason: null,
      causationId: uuidv5(`cause ${jobId} ${sequence}`, NAMESPACE),
      occurredAt: 1_700_000_000_000 + sequence,
    };
    if (isEnd) last.outcome = sequence;
    if (level !== 'DETAIL') last.progress = sequence;
    last.detail = sequence;
    return update;
  });
}
