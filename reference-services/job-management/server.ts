import type { MessageInitShape } from '@bufbuild/protobuf';
import { timestampFromMs } from '@bufbuild/protobuf/wkt';
import { z } from 'zod';
import { OperationalError } from '#kit/errors.ts';
import { type Implementation, implement } from '#kit/grpc.ts';
import { currentTraceparent } from '#kit/telemetry.ts';
import {
  JobService as Descriptor,
  type JobSchema,
  JobKind as WireKind,
  JobState as WireState,
} from '#proto/sagaproof/jobs/v1/jobs_pb.js';
import type { JobService } from './app.ts';
import type { JobKind, JobState } from './domain.ts';
import type { ListedJob, ListPosition } from './ports.ts';

const PAGE_SIZE_DEFAULT = 20;
const PAGE_SIZE_MAX = 100;

const KINDS = {
  [WireKind.PLACE_ORDER]: 'PLACE_ORDER',
  [WireKind.CANCEL_ORDER]: 'CANCEL_ORDER',
} as const satisfies Partial<Record<WireKind, JobKind>>;

const WIRE_KINDS: Readonly<Record<JobKind, WireKind>> = {
  PLACE_ORDER: WireKind.PLACE_ORDER,
  CANCEL_ORDER: WireKind.CANCEL_ORDER,
};

const WIRE_STATES: Readonly<Record<JobState, WireState>> = {
  ISSUED: WireState.ISSUED,
  RUNNING: WireState.RUNNING,
  COMPENSATING: WireState.COMPENSATING,
  SUCCEEDED: WireState.SUCCEEDED,
  FAILED: WireState.FAILED,
};

/** As auth accepts them: a user id is a part of keys, in which braces mark what is hashed. */
const UserId = z
  .string()
  .regex(/^[\x21-\x7a\x7c\x7e]{1,128}$/, 'must be 1 to 128 printable characters without braces');
const JobId = z.uuid();
const Issue = z.object({
  userId: UserId,
  kind: z.union([z.literal(WireKind.PLACE_ORDER), z.literal(WireKind.CANCEL_ORDER)]),
  idempotencyKey: z.string().regex(/^[\x20-\x7e]{1,255}$/, 'must be 1 to 255 printable characters'),
  requestHash: z.string().regex(/^[0-9a-f]{64}$/, 'must be a SHA-256 in hex'),
  orderId: z.uuid(),
});
const OneJob = z.object({ userId: UserId, jobId: JobId });
const PageToken = /^(\d{1,16}):([0-9a-f-]{36})$/;
const Page = z.object({
  userId: UserId,
  pageSize: z.int().min(0).max(PAGE_SIZE_MAX),
  pageToken: z.string().max(200),
});

/** JobService over gRPC. */
export function jobServer(jobs: JobService): Implementation {
  return implement(Descriptor, {
    async issueJob(request) {
      const command = valid(Issue, request);
      const kind = KINDS[command.kind];
      const traceparent = currentTraceparent() ?? '';
      const { job, replayed } = await jobs.issue({ ...command, kind, traceparent });
      return { job: toWire(job), replayed };
    },
    async getJob(request) {
      const { jobId, userId } = valid(OneJob, request);
      return { job: toWire(await jobs.get(jobId, userId)) };
    },
    async listJobs(request) {
      const { userId, pageSize, pageToken } = valid(Page, request);
      const size = pageSize === 0 ? PAGE_SIZE_DEFAULT : pageSize;
      const { jobs: page, next } = await jobs.list(userId, size, readPageToken(pageToken));
      return {
        jobs: page.map(toWire),
        nextPageToken: next === undefined ? '' : writePageToken(next),
      };
    },
    async cancelIssue(request) {
      const { jobId, userId } = valid(OneJob, request);
      return { cancelled: await jobs.cancel(jobId, userId) };
    },
  });
}

function valid<S extends z.ZodType>(schema: S, request: unknown): z.infer<S> {
  const parsed = schema.safeParse(request);
  if (parsed.success) return parsed.data;
  throw new OperationalError('invalid-request', { detail: z.prettifyError(parsed.error) });
}

const writePageToken = ({ issuedAtMs, jobId }: ListPosition): string =>
  Buffer.from(`${issuedAtMs}:${jobId}`).toString('base64url');

function readPageToken(token: string): ListPosition | undefined {
  if (token === '') return undefined;
  const [, issuedAt, jobId] = PageToken.exec(Buffer.from(token, 'base64url').toString()) ?? [];
  if (issuedAt === undefined || jobId === undefined) {
    throw new OperationalError('invalid-request', { detail: 'page_token is not one of ours' });
  }
  return { issuedAtMs: Number(issuedAt), jobId };
}

function toWire({ record, expiresAtMs }: ListedJob): MessageInitShape<typeof JobSchema> {
  return {
    jobId: record.jobId,
    userId: record.userId,
    kind: WIRE_KINDS[record.kind],
    state: WIRE_STATES[record.state],
    orderId: record.orderId,
    sequence: BigInt(record.sequence),
    reason: record.reason,
    step: record.step,
    issuedAt: timestampFromMs(record.issuedAtMs),
    updatedAt: timestampFromMs(record.updatedAtMs),
    expiresAt: timestampFromMs(expiresAtMs),
  };
}
