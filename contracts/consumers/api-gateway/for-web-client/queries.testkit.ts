import { MatchersV3 } from '@pact-foundation/pact';
import type { ContractInMaking } from '#harness/contracts/consumer/contract.ts';
import { httpInteraction } from '#harness/contracts/consumer/http.ts';
import { opaque } from '#harness/contracts/consumer/matchers.ts';
import { FICTION } from '#harness/contracts/fiction.ts';
import { asking, instant, seeing, sees, succeeded } from './answers.testkit.ts';
import { orderPages, orderParts, orders } from './orders.testkit.ts';
import {
  about,
  DECLINED,
  type Query,
  STUCK,
  secondPage,
  TWO,
  textOf,
} from './questions.testkit.ts';

const { integer, regex, string } = MatchersV3;
const { jobId, orderId, otherJobId, otherOrderId, pageToken, sku } = FICTION;

type Json = Readonly<Record<string, unknown>>;

/** What questions are answered. */
export function queries(contract: ContractInMaking): void {
  jobs(contract);
  jobPages(contract);
  orders(contract);
  orderParts(contract);
  orderPages(contract);
  stock(contract);
  openapi(contract);
}

const job = (state: string, more: Json = {}) => ({
  ...{ jobId, kind: 'PLACE_ORDER', state, orderId, sequence: integer(3), step: null, reason: null },
  ...{ issuedAt: instant(), updatedAt: instant(), expiresAt: instant() },
  ...more,
});

function jobs(contract: ContractInMaking): void {
  const ofJob = about(contract, {
    ...{ what: 'a job', name: 'get-job', path: `/v1/jobs/${jobId}`, behind: 'job-management' },
    ask: (user) => user.getJob(jobId),
  });
  const { answers, fails, refuses } = ofJob;
  answers(STUCK, job('RUNNING', { step: string('SCHEDULE_SHIPMENT') }), { state: 'RUNNING' });
  answers('the order is approved', job('SUCCEEDED', { step: 'CAPTURE_PAYMENT' }), {
    ...{ jobId, orderId, state: 'SUCCEEDED', reason: null },
  });
  answers(DECLINED, job('FAILED', { step: string('AUTHORIZE_PAYMENT'), reason: 'card-declined' }), {
    state: 'FAILED',
    reason: 'card-declined',
  });
  answers(
    'the order is cancelled by the job',
    job('SUCCEEDED', { kind: 'CANCEL_ORDER', step: string('RESTOCK_ITEMS') }),
    { kind: 'CANCEL_ORDER', state: 'SUCCEEDED' },
  );
  refuses('job-not-found', 'there is no such job');
  refuses('job-not-found', 'the order is another user’s');
  fails();
  const noJob = about(contract, {
    ...{ what: 'something that is no job', name: 'get-job', path: '/v1/jobs/1234' },
    ...{ behind: 'job-management', ask: (user) => user.getJob('1234') },
  });
  noJob.finds('path/jobId');
}

function jobPages(contract: ContractInMaking): void {
  const path = '/v1/jobs';
  const paged = (what: string, query: Query = {}) =>
    about(contract, {
      ...{ what, name: 'other', path, query, behind: 'job-management' },
      ask: (user) => user.listJobs(textOf(query)),
    });
  const newest = { ...job('FAILED', { step: string('RESERVE_STOCK'), reason: 'out-of-stock' }) };
  const older = { ...newest, jobId: otherJobId, orderId: otherOrderId };
  const all = paged('the jobs of a user');
  all.answers('the user has no orders', { jobs: [], nextPageToken: null }, { jobs: [] });
  all.answers(
    TWO,
    { jobs: [newest, older], nextPageToken: null },
    {
      jobs: [{ jobId }, { jobId: otherJobId }],
    },
  );
  all.fails();
  paged('the newest job of a user', { pageSize: '1' }).answers(
    TWO,
    { jobs: [newest], nextPageToken: opaque('token') },
    { jobs: [{ jobId }], nextPageToken: 'token' },
  );
  paged('the next job of a user', { pageSize: '1', pageToken }).answers(
    [TWO, secondPage('jobs')],
    { jobs: [older], nextPageToken: null },
    { jobs: [{ jobId: otherJobId }], nextPageToken: null },
  );
  paged('more jobs than a page may have', { pageSize: '101' }).finds('query/pageSize');
}

function stock(contract: ContractInMaking): void {
  const { answers, fails, refuses } = about(contract, {
    ...{ what: 'stock', name: 'other', path: `/v1/stock/${sku}`, behind: 'inventory' },
    ask: (user) => user.getStock(sku),
  });
  answers(
    'the products are in stock and the card is good',
    { sku, received: 10, reserved: 0, available: 10 },
    { sku, received: 10, reserved: 0, available: 10 },
  );
  answers(
    'the order is approved',
    { sku, received: 10, reserved: 2, available: 8 },
    { available: 8 },
  );
  refuses('stock-not-found', 'there is no such product');
  fails();
  about(contract, {
    ...{ what: 'stock of nothing', name: 'other', path: '/v1/stock/a%20b', behind: 'inventory' },
    ask: (user) => user.getStock('a%20b'),
  }).finds('path/sku');
}

/** The document says of itself what clients are made from. */
function openapi(contract: ContractInMaking): void {
  const { authorization: _, ...headers } = asking();
  const body = {
    openapi: regex(/^3\.1\.\d+$/, '3.1.1'),
    info: { title: string('the API'), version: regex(/^\d+\.\d+\.\d+$/, '1.0.0') },
    paths: {
      '/v1/orders': { post: { operationId: 'placeOrder' } },
      '/v1/orders/{orderId}': { get: { operationId: 'getOrder' } },
      '/v1/orders/{orderId}/cancel': { post: { operationId: 'cancelOrder' } },
      '/v1/jobs': { get: { operationId: 'listJobs' } },
      '/v1/jobs/{jobId}': { get: { operationId: 'getJob' } },
      '/v1/customers/me/orders': { get: { operationId: 'listMyOrders' } },
      '/v1/stock/{sku}': { get: { operationId: 'getStock' } },
    },
  };
  httpInteraction(contract, {
    description: 'a question for the document without signing in',
    given: 'the token is not valid',
    request: { method: 'GET', path: '/openapi.json', headers },
    answer: succeeded(200, body),
    consume: seeing((_, { rest }) =>
      rest.send({ name: 'other', method: 'GET', path: '/openapi.json' }),
    ),
    expect: sees(200, { paths: body.paths }),
  });
}
