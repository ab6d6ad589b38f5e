import { randomUUID } from 'node:crypto';
import type { Redis } from 'ioredis';
import { LIMITS } from '#contracts/spec/limits.generated.ts';
import { defineScript, redisCall } from '#kit/redis.ts';
import type { JobKind, JobRecord, JobState } from '../domain.ts';
import type {
  Claim,
  JobCommit,
  JobStore,
  ListedJob,
  ListPosition,
  LoadedJob,
  PendingUpdate,
  UpdateOutbox,
} from '../ports.ts';
import {
  CLAIM,
  COMMIT,
  LIST,
  LOAD,
  RELEASE,
  REMOVE,
  RESTORE,
  SETTLE,
  VANISHED,
} from './redis-scripts.ts';

/** How long the record outlives its job: as long as `job.updates` keeps what was said about it. */
const TAIL_GRACE_MS = LIMITS['job-management'].keyMemoryMs;
/** Message ids kept per job to know a duplicate; a saga with every retry has about 60 events. */
const SEEN_MAX = 1_000;
/** Jobs in a user's list. */
const LIST_MAX = LIMITS['job-management'].jobsPerUser;
/** Entries of a list that one call looks at. */
const SCANNED_MAX = 2_000;
/** Jobs that one sweep looks at, besides those that are due. */
const SWEEP_WINDOW = 1_000;
/** How long one may take to publish before another tries; longer than a publish may take. */
const PUBLISH_RIGHT_MS = 6_000;
/** Updates of one job that are published in one go. */
const PENDING_MAX = 100;
/** Jobs whose updates one sweep publishes. */
const WAITING_MAX = 500;

const LISTS = 'jobs:user:';
const EXPIRIES = 'jobs:expiries';
const WAITING = 'jobs:outbox';
/** There as long as Redis has what it was given. */
const INTACT = 'jobs:intact';

const keysOf = (jobId: string) => {
  const job = `job:{${jobId}}`;
  return {
    job,
    tail: `${job}:tail`,
    seen: `${job}:seen`,
    outbox: `${job}:outbox`,
    right: `${job}:publisher`,
  };
};

const listKey = (userId: string) => `${LISTS}{${userId}}`;

/** The job that a key of a job names; undefined for any other key. */
export const jobIdOfKey = (key: string): string | undefined =>
  /^job:\{([0-9a-f-]{36})\}$/.exec(key)?.[1];

/** Jobs in Redis. The keys are public: the canvas describes them. */
export function redisJobStore(client: Redis): JobStore & UpdateOutbox {
  const load = defineScript(client, 'jobLoad', LOAD, 4);
  const commit = defineScript(client, 'jobCommit', COMMIT, 9);
  const remove = defineScript(client, 'jobRemove', REMOVE, 5);
  const list = defineScript(client, 'jobList', LIST, 1);
  const restore = defineScript(client, 'jobRestore', RESTORE, 5);
  const vanished = defineScript(client, 'jobVanished', VANISHED, 1);
  const outbox = outboxScripts(client);
  let offset = 0;
  return {
    ...outbox,
    async load(jobId, messageIds = []) {
      const { job, tail, seen } = keysOf(jobId);
      return readLoaded((await load([job, tail, seen, INTACT], messageIds)) as LoadReply);
    },
    async commit(loaded, change) {
      const { keys, fields } = commitOf(change);
      return (await commit(keys, commitArguments(loaded, change, { fields, token: '' }))) !== 0;
    },
    async commitAndClaim(loaded, change) {
      const { keys, fields } = commitOf(change);
      const token = randomUUID();
      const reply = await commit(keys, commitArguments(loaded, change, { fields, token }));
      if (reply === 0) return undefined;
      return { revision: fields.revision, claim: readClaim(reply as ClaimReply, token) };
    },
    async remove(loaded) {
      const record = loaded.stored?.record;
      if (record === undefined) return false;
      const { job, tail, seen } = keysOf(record.jobId);
      const keys = [job, tail, seen, listKey(record.userId), EXPIRIES];
      return (await remove(keys, [...expected(loaded), record.jobId])) === 1;
    },
    async list(userId, limit, after?: ListPosition) {
      const from = after === undefined ? ['+inf', ''] : [String(after.issuedAtMs), after.jobId];
      const found = await list([listKey(userId)], [limit, ...from, SCANNED_MAX]);
      return (found as ListReply).map(readListed);
    },
    async vanished() {
      const [next, gone] = (await vanished([EXPIRIES], [offset, SWEEP_WINDOW])) as VanishedReply;
      offset = next;
      return gone;
    },
    async restore(record, ttlMs, seenIds) {
      const { job, tail, seen } = keysOf(record.jobId);
      const fields = Object.entries(storedFields(record)).flat();
      await restore(
        [job, tail, seen, listKey(record.userId), EXPIRIES],
        [
          ...[record.jobId, ttlMs ?? 0, (ttlMs ?? 0) + TAIL_GRACE_MS, record.issuedAtMs],
          ...[fields.length, ...fields, ...seenIds.slice(-SEEN_MAX)],
        ],
      );
    },
    isIntact: () => redisCall(async () => (await client.exists(INTACT)) === 1),
    markIntact: () => redisCall(async () => void (await client.set(INTACT, '1'))),
  };
}

function outboxScripts(client: Redis): UpdateOutbox {
  const claim = defineScript(client, 'jobClaim', CLAIM, 3);
  const settle = defineScript(client, 'jobSettle', SETTLE, 3);
  const release = defineScript(client, 'jobRelease', RELEASE, 1);
  const keys = (jobId: string) => [keysOf(jobId).outbox, keysOf(jobId).right, WAITING];
  return {
    async claim(jobId): Promise<Claim> {
      const token = randomUUID();
      const limits = [PUBLISH_RIGHT_MS, PENDING_MAX];
      return readClaim((await claim(keys(jobId), [jobId, token, ...limits])) as ClaimReply, token);
    },
    async settle(jobId, token, count) {
      const limits = [PUBLISH_RIGHT_MS, PENDING_MAX, count];
      const left = (await settle(keys(jobId), [jobId, token, ...limits])) as string[] | null;
      return left === null ? undefined : readPending(left);
    },
    async release(jobId, token) {
      await release([keysOf(jobId).right], [token]);
    },
    waiting: () => redisCall(() => client.zrange(WAITING, '0', String(WAITING_MAX - 1))),
  };
}

type Fields = string[];
type LoadReply = [job: Fields, ttlMs: number, tail: Fields, seen: string[], intact: number];
type ListReply = Array<[job: Fields, ttlMs: number]>;
type VanishedReply = [next: number, jobIds: string[]];
type ClaimReply = ['empty' | 'held' | 'claimed', string[]?];

const readPending = (texts: readonly string[]) =>
  texts.map((text) => JSON.parse(text) as PendingUpdate);

const readClaim = ([kind, pending = []]: ClaimReply, token: string): Claim =>
  kind === 'claimed' ? { kind, token, pending: readPending(pending) } : { kind };

const expected = ({ revision, stored }: LoadedJob): [string, number] => [
  revision,
  stored?.live === true ? 1 : 0,
];

function commitOf({ record }: JobCommit) {
  const { job, tail, seen, outbox, right } = keysOf(record.jobId);
  const list = listKey(record.userId);
  const keys = [job, tail, seen, outbox, list, EXPIRIES, WAITING, INTACT, right];
  return { keys, fields: storedFields(record) };
}

function commitArguments(
  loaded: LoadedJob,
  { record, ttlMs, messageIds = [], pending = [] }: JobCommit,
  { fields, token }: { fields: Record<string, string | number>; token: string },
): Array<string | number> {
  return [
    ...[...expected(loaded), record.jobId, ttlMs ?? 0, (ttlMs ?? 0) + TAIL_GRACE_MS],
    ...[token, PUBLISH_RIGHT_MS, record.issuedAtMs, SEEN_MAX, LIST_MAX, PENDING_MAX],
    ...[messageIds.length, pending.length],
    ...messageIds,
    ...pending.map((update) => JSON.stringify(update)),
    ...Object.entries(fields).flat(),
  ];
}

function readLoaded([job, ttlMs, tail, seen, intact]: LoadReply): LoadedJob {
  const live = job.length > 0;
  const fields = mapOf(live ? job : tail);
  return {
    stored: fields.size === 0 ? undefined : { record: recordOf(fields), live },
    expiresAtMs: live ? Date.now() + Math.max(0, ttlMs) : undefined,
    revision: mapOf(tail).get('revision') ?? '',
    seen: new Set(seen),
    intact: intact === 1,
  };
}

const readListed = ([job, ttlMs]: ListReply[number]): ListedJob => ({
  record: recordOf(mapOf(job)),
  expiresAtMs: Date.now() + Math.max(0, ttlMs),
});

function mapOf(fields: Fields): Map<string, string> {
  const pairs = fields.flatMap((name, index) =>
    index % 2 === 0 ? [[name, fields[index + 1] ?? ''] as const] : [],
  );
  return new Map(pairs);
}

const storedFields = (record: JobRecord) => ({ ...fieldsOf(record), revision: randomUUID() });

/** The public fields of a job's hash. */
function fieldsOf(record: JobRecord): Record<string, string | number> {
  const { last, issuedAtMs, updatedAtMs, expired, ...same } = record;
  return {
    ...same,
    issuedAt: issuedAtMs,
    updatedAt: updatedAtMs,
    expired: expired ? 1 : 0,
    lastOutcome: last.outcome,
    lastProgress: last.progress,
    lastDetail: last.detail,
  };
}

function recordOf(fields: ReadonlyMap<string, string>): JobRecord {
  const text = (name: string) => fields.get(name) ?? '';
  const number = (name: string) => Number(fields.get(name) ?? 0);
  return {
    jobId: text('jobId'),
    userId: text('userId'),
    kind: text('kind') as JobKind,
    state: text('state') as JobState,
    orderId: text('orderId'),
    sequence: number('sequence'),
    last: {
      outcome: number('lastOutcome'),
      progress: number('lastProgress'),
      detail: number('lastDetail'),
    },
    requestHash: text('requestHash'),
    claims: number('claims'),
    reason: text('reason'),
    step: text('step'),
    issuedAtMs: number('issuedAt'),
    updatedAtMs: number('updatedAt'),
    lastEventId: text('lastEventId'),
    traceparent: text('traceparent'),
    expired: text('expired') === '1',
  };
}
