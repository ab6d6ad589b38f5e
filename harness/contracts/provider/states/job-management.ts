import { v7 as uuidv7 } from 'uuid';
import { JobKind } from '#proto/sagaproof/jobs/v1/jobs_pb.js';
import type { StateContext, States } from '../state.ts';

/** What stands for the body of a command. */
const REQUEST_HASH = 'a'.repeat(64);

async function issued({ names, rpc }: StateContext): Promise<void> {
  const answer = await rpc['job-management'].call('issueJob', {
    userId: names.of('userId'),
    kind: JobKind.PLACE_ORDER,
    idempotencyKey: names.of('idempotencyKey'),
    requestHash: REQUEST_HASH,
    orderId: names.of('orderId'),
  });
  const job = answer.ok ? answer.message.job : undefined;
  if (job === undefined) throw new Error(`no job was issued: ${JSON.stringify(answer)}`);
  names.bind('jobId', job.jobId);
  names.bind('orderId', job.orderId);
}

async function running(context: StateContext): Promise<void> {
  await issued(context);
  const { names, publish, rpc, until } = context;
  const about = { jobId: names.of('jobId'), userId: names.of('userId') };
  const messageId = uuidv7();
  await publish({
    topic: 'order.events',
    key: names.of('orderId'),
    eventType: 'OrderPlaced',
    value: {
      messageId,
      ...about,
      orderId: names.of('orderId'),
      sequence: 1,
      causationId: uuidv7(),
      occurredAt: Date.now(),
      payload: placed(context),
    },
  });
  await until('the job to run', async () => {
    const answer = await rpc['job-management'].call('getJob', about);
    return answer.ok && answer.message.job?.sequence === 1n;
  });
}

function placed({ names }: StateContext): object {
  const unitPrice = { currency: 'JPY', minorUnits: 1_000 };
  return {
    type: 'OrderPlaced',
    lines: [{ sku: names.of('sku'), quantity: 1, unitPrice }],
    total: unitPrice,
  };
}

/** How the states of job-management come about. */
export const jobManagementStates: States = {
  'there is no such job': async () => undefined,
  'the job is issued': issued,
  'the job runs': running,
};
