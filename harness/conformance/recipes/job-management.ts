import { createHash } from 'node:crypto';
import { v7 as uuidv7 } from 'uuid';
import { JobKind, JobService } from '#proto/sagaproof/jobs/v1/jobs_pb.js';
import { RpcClient } from '../../clients/rpc.ts';
import { command, query, type RecipesOf } from '../recipe.ts';
import { mustAnswer, type RecipeWorld, refusalOf } from './world.ts';

/** Jobs that were issued, and no more: nothing of a saga is needed. */
export const jobRecipes: RecipesOf = (world, address) => {
  const jobs = new RpcClient(JobService, address);
  const issued = async () => {
    const { job } = await mustAnswer('IssueJob', jobs.call('issueJob', issue(world)));
    return { jobId: job?.jobId ?? '', userId: job?.userId ?? '' };
  };
  const { method } = JobService;
  return {
    service: JobService,
    end: () => jobs.close(),
    recipes: [
      command(method.issueJob, {
        request: async () => issue(world),
        wrongEffect: async ({ userId }) => {
          const page = await mustAnswer('ListJobs', jobs.call('listJobs', { userId }));
          return page.jobs.length === 1 ? undefined : `the key has ${page.jobs.length} jobs`;
        },
      }),
      query(method.getJob, issued),
      query(method.listJobs, async () => ({ userId: (await issued()).userId, pageSize: 5 })),
      command(method.cancelIssue, {
        request: issued,
        wrongEffect: async ({ jobId, userId }) => {
          const left = await jobs.call('getJob', { jobId, userId });
          return !left.ok && left.code === 'job-not-found'
            ? undefined
            : `GetJob: ${refusalOf(left)}`;
        },
      }),
    ],
  };
};

const issue = (world: RecipeWorld) => ({
  userId: world.name('user'),
  kind: JobKind.PLACE_ORDER,
  idempotencyKey: uuidv7(),
  requestHash: createHash('sha256').update(uuidv7()).digest('hex'),
  orderId: uuidv7(),
});
