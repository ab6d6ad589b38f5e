import { JobKind, JobState, type ListJobsResponse } from '#proto/sagaproof/jobs/v1/jobs_pb.js';
import type { ListOrdersResponse } from '#proto/sagaproof/query/v1/query_pb.js';
import { until } from '../../harness/kernel/poll.ts';
import type { Customer, Job } from './customer.ts';
import type { Findings } from './findings.ts';
import type { Line } from './ledger.ts';
import { restPages, rpcPages, walk } from './lists.ts';
import { lineOf, linesInBrief, moneyOf, msOf, type SeenOrder, statusOf, timeOf } from './orders.ts';

interface ListedOrder {
  readonly orderId: string;
  readonly status: string;
  readonly lines: readonly Line[];
  readonly total: unknown;
  readonly reason: string | null;
  readonly placedAt: string;
  readonly updatedAt: string;
  readonly sequence: number;
}

interface ListedJob {
  readonly jobId: string;
  readonly kind: string;
  readonly state: string;
  readonly orderId: string;
  readonly sequence: number;
  readonly reason: string | null;
  readonly issuedAt: string;
  readonly updatedAt: string;
  readonly expiresAt: string;
}

/** Page sizes around the length of a list, where off-by-one errors are. */
const sizesFor = (length: number): ReadonlyArray<number | undefined> => [
  ...new Set([1, 2, length - 1, length, length + 1, 100].filter((n) => n >= 1 && n <= 100)),
  undefined,
];

/** Reads a list in pages of several sizes; all must give the same entries in the same order. */
async function readAll<T>(
  pages: Parameters<typeof walk<T>>[0],
  length: number,
  idOf: (item: T) => string,
  findings: Findings,
): Promise<readonly T[]> {
  let first: readonly T[] | undefined;
  for (const size of sizesFor(length)) {
    const items = await walk(pages, size, findings);
    first ??= items;
    findings.equal(`${pages.name} in pages of ${size}`, items.map(idOf), first.map(idOf));
  }
  return first ?? [];
}

/** The order history: every order once, newest first, as the composed orders show them. */
export async function checkHistory(
  customer: Customer,
  seen: ReadonlyMap<string, SeenOrder>,
): Promise<void> {
  const { user, world, orders, findings } = customer;
  await until(`the read model to show the orders of ${user.userId}`, async () => {
    const { body } = await user.listOrders('?pageSize=100');
    const listed = new Map((body['orders'] as ListedOrder[]).map((one) => [one.orderId, one]));
    return orders.every((one) => {
      const { sequence } = listed.get(one.orderId) ?? {};
      return sequence === seen.get(one.orderId)?.revision;
    });
  }).catch((error: Error) => findings.add(error.message));
  const history = restPages<ListedOrder>('GET /v1/customers/me/orders', 'orders', (query) =>
    user.listOrders(query),
  );
  const listed = await readAll(history, orders.length, ({ orderId }) => orderId, findings);
  const ids = listed.map(({ orderId }) => orderId);
  findings.equal('the orders', ids.toSorted(), orders.map(({ orderId }) => orderId).toSorted());
  checkNewestFirst(
    'orders',
    listed.map(({ placedAt }) => msOf(placedAt)),
    findings,
  );
  for (const order of orders) {
    const later = order.before.find((id) => ids.indexOf(id) < ids.indexOf(order.orderId));
    if (later !== undefined) findings.add(`order ${later} is listed as newer than a later one`);
  }
  for (const one of listed) checkListed(customer, one, seen.get(one.orderId));
  const { userId } = user;
  const rpc = rpcPages('ListOrders', ordersOf, (pageSize, pageToken) =>
    world.rpc.query.call('listOrders', { userId, pageSize, pageToken }),
  );
  for (const size of [orders.length, undefined]) {
    const found = await walk(rpc, size === undefined ? size : Math.max(1, size), findings);
    findings.equal('ListOrders', found, listed.map(briefOf));
  }
}

/** An order of ListOrders, as `briefOf` one of REST. */
const ordersOf = (page: ListOrdersResponse) =>
  page.orders.map((order) => ({
    orderId: order.orderId,
    status: order.status.toUpperCase(),
    lines: linesInBrief(order.lines.map(lineOf)),
    total: moneyOf(order.total),
    reason: order.reason || null,
    placedAt: timeOf(order.placedAt),
    updatedAt: timeOf(order.updatedAt),
    sequence: Number(order.sequence),
  }));

const briefOf = (order: ListedOrder) => ({
  orderId: order.orderId,
  status: order.status,
  lines: linesInBrief(order.lines),
  total: order.total,
  reason: order.reason,
  placedAt: msOf(order.placedAt),
  updatedAt: msOf(order.updatedAt),
  sequence: order.sequence,
});

function checkListed(customer: Customer, one: ListedOrder, seen: SeenOrder | undefined): void {
  const order = customer.orders.find(({ orderId }) => orderId === one.orderId);
  if (order === undefined || seen === undefined) return;
  const about = customer.findings.about(`order ${one.orderId} in the history`);
  about.equal('status', one.status, statusOf(order));
  about.equal('lines', linesInBrief(one.lines), linesInBrief(seen.lines));
  about.equal('total', one.total, seen.total);
  about.equal('reason', one.reason, order.outcome === 'approved' ? null : order.outcome);
  about.equal('placedAt', one.placedAt, seen.placedAt);
  about.equal('sequence', one.sequence, seen.revision);
  // Its saga has ended, which takes a while.
  if (msOf(one.updatedAt) <= msOf(one.placedAt))
    about.add('it was not updated after it was placed');
}

function checkNewestFirst(what: string, times: readonly number[], findings: Findings): void {
  const isNewer = times.findIndex((time, index) => time > (times[index - 1] ?? time));
  if (isNewer > 0) findings.add(`the ${what} are not newest first: ${times}`);
}

/** The jobs: every command that was accepted once, newest first, in the state that it ended in. */
export async function checkJobs(customer: Customer): Promise<void> {
  const { user, world, jobs, findings } = customer;
  const list = restPages<ListedJob>('GET /v1/jobs', 'jobs', (query) => user.listJobs(query));
  const listed = await readAll(list, jobs.length, ({ jobId }) => jobId, findings);
  const accepted = new Set(jobs.map(({ jobId }) => jobId));
  const neverStarted = listed.filter(
    ({ jobId, state }) => !accepted.has(jobId) && (state === 'ISSUED' || state === 'EXPIRED'),
  );
  const excused = new Set(neverStarted.slice(0, customer.hindered).map(({ jobId }) => jobId));
  const ids = listed.map(({ jobId }) => jobId).filter((jobId) => !excused.has(jobId));
  findings.equal('the jobs', ids.toSorted(), [...accepted].toSorted());
  checkNewestFirst(
    'jobs',
    listed.map(({ issuedAt }) => msOf(issuedAt)),
    findings,
  );
  for (const one of listed) {
    const job = jobs.find(({ jobId }) => jobId === one.jobId);
    if (job !== undefined) await checkJob(customer, job, one);
  }
  const { userId } = user;
  const pages = rpcPages(
    'ListJobs',
    (page: ListJobsResponse) => page.jobs,
    (pageSize, pageToken) => world.rpc.jobs.call('listJobs', { userId, pageSize, pageToken }),
  );
  const found = await walk(pages, undefined, findings);
  findings.equal(
    'ListJobs',
    found.map(({ jobId }) => jobId).filter((jobId) => !excused.has(jobId)),
    ids,
  );
}

const jobInBrief = ({ kind, orderId, state, reason, sequence }: ListedJob) => ({
  kind,
  orderId,
  state,
  reason,
  sequence,
});

async function checkJob({ user, world, witness, findings }: Customer, job: Job, one: ListedJob) {
  const { jobId, kind, orderId, reason } = job;
  const about = findings.about(`job ${jobId}`);
  const state = reason === undefined ? 'SUCCEEDED' : 'FAILED';
  const sequence = witness.updates(jobId).at(-1)?.sequence;
  const due = { kind, orderId, state, reason: reason ?? null, sequence };
  about.equal('in the list', jobInBrief(one), due);
  const { body } = await user.getJob(jobId);
  const shown = body as unknown as ListedJob;
  about.equal('GET', jobInBrief(shown), due);
  about.equal('its times', [shown.issuedAt, shown.updatedAt], [one.issuedAt, one.updatedAt]);
  const [issued, updated, expires] = [one.issuedAt, one.updatedAt, one.expiresAt].map(msOf);
  const isOrdered = Number(issued) <= Number(updated) && Number(updated) < Number(expires);
  if (!isOrdered) about.add(`its times are ${one.issuedAt}, ${one.updatedAt}, ${one.expiresAt}`);
  const rpc = await world.rpc.jobs.call('getJob', { jobId, userId: user.userId });
  const wire = rpc.ok ? rpc.message.job : undefined;
  about.equal(
    'GetJob',
    {
      kind: JobKind[wire?.kind ?? 0],
      orderId: wire?.orderId,
      state: JobState[wire?.state ?? 0],
      reason: wire?.reason || null,
      sequence: Number(wire?.sequence),
    },
    due,
  );
}
