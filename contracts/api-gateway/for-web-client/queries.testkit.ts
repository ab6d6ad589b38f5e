import { MatchersV3 } from '@pact-foundation/pact';
import type { ErrorCode } from '#contracts/errors/registry.ts';
import type { ContractInMaking, Given } from '#harness/contracts/consumer/contract.ts';
import { type HttpAnswer, httpInteraction } from '#harness/contracts/consumer/http.ts';
import { opaque } from '#harness/contracts/consumer/matchers.ts';
import { FICTION } from '#harness/contracts/fiction.ts';
import { WEB_ORDER } from '#harness/contracts/fictional-order.ts';
import type { OperationName } from '#harness/history/event.ts';
import type { RestResponse } from '#harness/scenario/rest.ts';
import type { User } from '#harness/scenario/user.ts';
import {
  asking,
  instant,
  refused,
  seeing,
  sees,
  seesProblem,
  succeeded,
} from './answers.testkit.ts';

const { integer, regex, string } = MatchersV3;
const { jobId, orderId, otherJobId, otherOrderId, pageToken, sku } = FICTION;

type Json = Readonly<Record<string, unknown>>;
type Query = Readonly<Record<string, string>>;

const SIGNED_IN = 'the user is signed in';
const DECLINED = 'the order is rejected since the card was declined';
const STUCK = 'the order waits for its payment to be captured';

/** A question, and how the web client asks it. */
interface Question {
  readonly what: string;
  readonly name: OperationName;
  readonly path: string;
  readonly query?: Query;
  /** Patiently: it asks again when it is told to come back. */
  readonly ask: (user: User) => Promise<RestResponse>;
  /** The service that answers it, behind the gateway. */
  readonly behind: string;
}

const textOf = (query: Query = {}): string => {
  const text = new URLSearchParams(query).toString();
  return text === '' ? '' : `?${text}`;
};

/** Declares answers to a question. */
function about(contract: ContractInMaking, { what, name, path, query, ask, behind }: Question) {
  const request = {
    ...({ method: 'GET', path, headers: asking() } as const),
    ...(query === undefined ? {} : { query }),
  };
  const declare = (
    given: string | readonly Given[],
    answer: HttpAnswer,
    made: ReturnType<typeof sees>,
    consume: (user: User) => Promise<RestResponse>,
  ) => {
    const states = [given].flat();
    httpInteraction(contract, {
      description: `a question for ${what}: ${states.at(-1)}`,
      given: states,
      ...{ request, answer },
      consume: seeing(consume),
      expect: made,
    });
  };
  /** Once, since the client asks again when it is told that something cannot be had now. */
  const once = (user: User) => user.tryGet(name, `${path}${textOf(query)}`);
  const refuses = (code: ErrorCode, given: string | readonly Given[], more: Json = {}) =>
    declare(given, refused(code, path, { more }), seesProblem(code), once);
  return {
    answers: (given: string | readonly Given[], body: Json, made: Json) =>
      declare([SIGNED_IN, ...[given].flat()], succeeded(200, body), sees(200, made), ask),
    refuses: (code: ErrorCode, given: string) => refuses(code, [SIGNED_IN, given]),
    /** With where the request is wrong. */
    finds: (pointer: string) =>
      refuses('invalid-request', SIGNED_IN, {
        errors: [{ pointer, detail: string('is wrong') }],
      }),
    /** What can happen to every question. */
    fails: () => {
      refuses('unauthenticated', 'the token is nobody’s');
      refuses('token-expired', 'the token has expired');
      refuses('unavailable', [SIGNED_IN, `the gateway cannot reach ${behind}`]);
    },
  };
}

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

const TWO = 'the other order is placed, and then the order';
const SECOND = (list: string) => `there is a token of the second page of ${list}`;

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
    [TWO, SECOND('jobs')],
    { jobs: [older], nextPageToken: null },
    { jobs: [{ jobId: otherJobId }], nextPageToken: null },
  );
  paged('more jobs than a page may have', { pageSize: '101' }).finds('query/pageSize');
}

const { lines, unitPrice: minorUnits } = WEB_ORDER;
const money = (amount: number) => ({ currency: 'JPY', minorUnits: amount });
const priced = lines.map((line) => ({ ...line, unitPrice: money(minorUnits) }));
const total = money(lines.reduce((sum, { quantity }) => sum + quantity * minorUnits, 0));

const order = (status: string, more: Json = {}) => ({
  ...{ orderId, status, lines: priced, total, reason: null },
  ...{ placedAt: instant(), revision: integer(9), payment: null, shipment: null, missing: [] },
  ...more,
});
const shipped = (status: string) => ({
  ...{ status, trackingNumber: regex(/^.+$/, 'JP-0193B3A0') },
});
const paid = (status: string) => ({ status, amount: total });
const UNAVAILABLE = { status: 'UNAVAILABLE' };

const anOrder = (contract: ContractInMaking) =>
  about(contract, {
    ...{ what: 'an order', name: 'get-order', path: `/v1/orders/${orderId}`, behind: 'order' },
    ask: (user) => user.getOrder(orderId),
  });

function orders(contract: ContractInMaking): void {
  const { answers, fails, refuses } = anOrder(contract);
  answers('the order waits for its stock', order('PENDING'), {
    ...{ status: 'PENDING', payment: null, shipment: null, missing: [] },
  });
  answers(
    STUCK,
    order('PENDING', { payment: paid('AUTHORIZED'), shipment: shipped('SCHEDULED') }),
    { status: 'PENDING', payment: { status: 'AUTHORIZED' } },
  );
  answers(
    'the order is approved',
    order('APPROVED', { payment: paid('CAPTURED'), shipment: shipped('SCHEDULED') }),
    { status: 'APPROVED', total, payment: { status: 'CAPTURED', amount: total }, missing: [] },
  );
  answers(
    'the order is approved, and its parcel is dispatched',
    order('APPROVED', { payment: paid('CAPTURED'), shipment: shipped('DISPATCHED') }),
    { shipment: { status: 'DISPATCHED' } },
  );
  answers(DECLINED, order('REJECTED', { reason: 'card-declined' }), { reason: 'card-declined' });
  answers(
    'the order is rejected since no carrier goes there',
    order('REJECTED', { reason: 'address-undeliverable', payment: paid('VOIDED') }),
    { status: 'REJECTED', payment: { status: 'VOIDED' } },
  );
  answers(
    'the order is cancelled by the job',
    order('CANCELLED', { payment: paid('REFUNDED'), shipment: shipped('CANCELLED') }),
    { status: 'CANCELLED', payment: { status: 'REFUNDED' }, shipment: { status: 'CANCELLED' } },
  );
  refuses('order-not-found', 'there is no such order');
  refuses('order-not-found', 'the order is another user’s');
  fails();
  about(contract, {
    ...{ what: 'something that is no order', name: 'get-order', path: '/v1/orders/1234' },
    ...{ behind: 'order', ask: (user) => user.getOrder('1234') },
  }).finds('path/orderId');
}

/** A part that cannot be had is named, and is not taken for one that there is not. */
function orderParts(contract: ContractInMaking): void {
  const { answers } = anOrder(contract);
  const approved = order('APPROVED', {
    ...{ payment: paid('CAPTURED'), shipment: shipped('SCHEDULED') },
  });
  const cases = [
    [['payment'], 'payment'],
    [['shipment'], 'shipping'],
  ] as const;
  for (const [missing, service] of cases) {
    const part = missing[0];
    answers(
      ['the order is approved', `the gateway cannot reach ${service}`],
      { ...approved, [part]: UNAVAILABLE, missing },
      { status: 'APPROVED', [part]: UNAVAILABLE, missing },
    );
  }
  answers(
    ['the order is approved', 'the gateway can reach neither payment nor shipping'],
    { ...approved, payment: UNAVAILABLE, shipment: UNAVAILABLE, missing: ['payment', 'shipment'] },
    { missing: ['payment', 'shipment'] },
  );
  answers(
    ['the order is approved', 'shipping is slow to answer the gateway'],
    { ...approved, shipment: UNAVAILABLE, missing: ['shipment'] },
    { missing: ['shipment'] },
  );
}

function orderPages(contract: ContractInMaking): void {
  const path = '/v1/customers/me/orders';
  const paged = (what: string, query: Query = {}) =>
    about(contract, {
      ...{ what, name: 'list-orders', path, query, behind: 'query' },
      ask: (user) => user.listOrders(textOf(query)),
    });
  const summary = (status: string, reason: string | null = null) => ({
    ...{ orderId, status, lines: priced, total, reason },
    ...{ placedAt: instant(), updatedAt: instant(), sequence: integer(7) },
  });
  const newest = summary('REJECTED', 'out-of-stock');
  const older = { ...newest, orderId: otherOrderId };
  const all = paged('the orders of a customer');
  all.answers('the user has no orders', { orders: [], nextPageToken: null }, { orders: [] });
  all.answers(
    'the order is approved',
    { orders: [summary('APPROVED')], nextPageToken: null },
    {
      orders: [{ orderId, status: 'APPROVED', lines: priced, total, reason: null }],
    },
  );
  all.answers(
    DECLINED,
    { orders: [summary('REJECTED', 'card-declined')], nextPageToken: null },
    { orders: [{ status: 'REJECTED', reason: 'card-declined' }] },
  );
  all.answers(
    TWO,
    { orders: [newest, older], nextPageToken: null },
    {
      orders: [{ orderId }, { orderId: otherOrderId }],
    },
  );
  all.fails();
  paged('the newest order of a customer', { pageSize: '1' }).answers(
    TWO,
    { orders: [newest], nextPageToken: opaque('token') },
    { orders: [{ orderId }], nextPageToken: 'token' },
  );
  paged('the next order of a customer', { pageSize: '1', pageToken }).answers(
    [TWO, SECOND('orders')],
    { orders: [older], nextPageToken: null },
    { orders: [{ orderId: otherOrderId }], nextPageToken: null },
  );
  paged('no orders at all', { pageSize: '0' }).finds('query/pageSize');
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
    description: 'a question for the document, by somebody who is not signed in',
    given: 'the token is nobody’s',
    request: { method: 'GET', path: '/openapi.json', headers },
    answer: succeeded(200, body),
    consume: seeing((_, { rest }) =>
      rest.send({ name: 'other', method: 'GET', path: '/openapi.json' }),
    ),
    expect: sees(200, { paths: body.paths }),
  });
}
