import type { HistoryBuilder } from '../checker/testing/history-builder.ts';
import { describeInvariant } from '../checker/testing/judge.ts';
import { uuidOf } from '../checker/testing/write-fixtures.ts';
import { schemaConformance } from './schema-conformance.ts';

const OTHER = uuidOf('something else');

/** An HTTP exchange, recorded after the first order. */
const exchange = (
  to: HistoryBuilder,
  request: { readonly method: string; readonly path: string; readonly json?: unknown },
  status: number,
  response: unknown,
  headers?: Readonly<Record<string, string>>,
) => {
  const about = { operation: 'asked', name: 'other', scenario: 'story' } as const;
  to.after('a.place.ok', 'answered', {
    type: status < 400 ? 'ok' : 'fail',
    ...about,
    status,
    response,
    ...(headers === undefined ? {} : { headers }),
  });
  to.after('a.place.ok', 'asked', { type: 'invoke', ...about, userId: 'user-a', request });
};

const TRACE = 'a'.repeat(32);
const problemHeaders = (more: Readonly<Record<string, string>> = {}) => ({
  'content-type': 'application/problem+json',
  'x-trace-id': TRACE,
  traceparent: `00-${TRACE}-${'b'.repeat(16)}-01`,
  ...more,
});
/** A refused POST with these headers. */
const refused =
  (code: string, status: number, headers: Readonly<Record<string, string>>) =>
  (to: HistoryBuilder) =>
    exchange(to, { method: 'POST', path: '/v1/orders' }, status, problem(code, status), headers);

const problem = (code: string, status: number) => ({
  type: `urn:sagaproof:error:${code}`,
  title: 'Something is wrong.',
  status,
  code,
  instance: '/v1/orders',
  traceId: TRACE,
});

/** The answers of the HTTP API: bodies, problems and headers. */
describeInvariant(
  schemaConformance,
  [
    {
      anomaly: 'an answer without a field that is promised',
      edit: (to) => to.edit('a.place.ok', { response: { jobId: uuidOf('job-a') } }),
      says: /POST \/v1\/orders .* the 202 .*required property 'orderId'/,
      shows: ['a.place.invoke', 'a.place.ok'],
    },
    {
      anomaly: 'an answer with a status that the operation does not have',
      edit: (to) => to.edit('a.place.ok', { status: 200 }),
      says: /body of the 200|no answer 200/,
      shows: ['a.place.invoke', 'a.place.ok'],
    },
    {
      anomaly: 'an answer to what the document does not have',
      edit: (to) => exchange(to, { method: 'GET', path: '/v1/secrets' }, 200, {}),
      says: /has no GET \/v1\/secrets, and it was answered 200/,
      shows: ['asked', 'answered'],
    },
    {
      anomaly: 'an error that is no problem detail',
      edit: (to) => exchange(to, { method: 'GET', path: '/v1/jobs/x' }, 404, { message: 'no' }),
      says: /body of the 404 .*required property 'type'/,
      shows: ['asked', 'answered'],
    },
    {
      anomaly: 'a problem whose code belongs to another status',
      edit: (to) =>
        exchange(
          to,
          { method: 'POST', path: '/v1/orders' },
          400,
          problem('idempotency-key-reused', 400),
        ),
      says: /idempotency-key-reused belongs to 422, and it was answered 400/,
      shows: ['asked', 'answered'],
    },
    {
      anomaly: 'a problem that tells another status',
      edit: (to) =>
        exchange(to, { method: 'GET', path: '/v1/jobs/x' }, 404, problem('job-not-found', 410)),
      says: /the answer 404 has a problem of the status 410/,
      shows: ['asked', 'answered'],
    },
    {
      anomaly: 'a 503 that does not say when to try again',
      edit: refused('unavailable', 503, problemHeaders()),
      says: /the 503 is not as documented: it has no header retry-after/,
      shows: ['asked', 'answered'],
    },
    {
      anomaly: 'a 429 that says to try again at once',
      edit: refused('rate-limited', 429, problemHeaders({ 'retry-after': '0' })),
      says: /header retry-after: 0 is not as documented: it must be >= 1/,
      shows: ['asked', 'answered'],
    },
    {
      anomaly: 'a 401 that does not say how to authenticate',
      edit: refused('unauthenticated', 401, problemHeaders()),
      says: /it has no header www-authenticate/,
      shows: ['asked', 'answered'],
    },
    {
      anomaly: 'a problem that is plain JSON',
      edit: refused('invalid-request', 400, problemHeaders({ 'content-type': 'application/json' })),
      says: /its content-type is application\/json, not application\/problem\+json/,
      shows: ['asked', 'answered'],
    },
    {
      anomaly: 'a problem with the trace of another request',
      edit: refused('invalid-request', 400, {
        ...problemHeaders(),
        'x-trace-id': 'c'.repeat(32),
        traceparent: `00-${'c'.repeat(32)}-${'b'.repeat(16)}-01`,
      }),
      says: /its problem has the trace a+, its x-trace-id is c+/,
      shows: ['asked', 'answered'],
    },
    {
      anomaly: 'a problem with the type of another error',
      edit: (to) =>
        exchange(to, { method: 'GET', path: '/v1/jobs/x' }, 404, {
          ...problem('job-not-found', 404),
          type: 'about:blank',
        }),
      says: /the problem job-not-found has the type about:blank/,
      shows: ['asked', 'answered'],
    },
    {
      anomaly: 'a problem about another path',
      edit: (to) =>
        exchange(to, { method: 'GET', path: '/v1/jobs/x' }, 404, problem('job-not-found', 404)),
      says: /the problem is about \/v1\/orders/,
      shows: ['asked', 'answered'],
    },
    {
      anomaly: 'an acceptance that says that another job is the one',
      edit: (to) => to.edit('a.place.ok', { headers: { location: `/v1/jobs/${OTHER}` } }),
      says: /its location .* is not that of its job/,
      shows: ['a.place.invoke', 'a.place.ok'],
    },
    {
      anomaly: 'an answer without the trace of its request',
      edit: (to) => to.edit('a.place.ok', { headers: { 'x-trace-id': undefined } }),
      says: /it has no header x-trace-id/,
      shows: ['a.place.invoke', 'a.place.ok'],
    },
    {
      anomaly: 'an answer with the trace of another request',
      edit: (to) =>
        to.edit('a.place.ok', {
          headers: {
            'x-trace-id': 'c'.repeat(32),
            traceparent: `00-${'c'.repeat(32)}-${'b'.repeat(16)}-01`,
          },
        }),
      says: /it was asked in trace .*, its x-trace-id is c+/,
      shows: ['a.place.invoke', 'a.place.ok'],
    },
    {
      anomaly: 'an order that may not be placed, accepted',
      edit: (to) =>
        exchange(to, { method: 'POST', path: '/v1/orders', json: { lines: [] } }, 202, {
          jobId: OTHER,
          orderId: OTHER,
        }),
      says: /it was accepted, and may not be asked/,
      shows: ['asked', 'answered'],
    },
  ],
  [
    {
      legal: 'a forbidden request that is refused as documented',
      edit: (to) =>
        exchange(
          to,
          { method: 'POST', path: '/v1/orders', json: { lines: [] } },
          400,
          problem('invalid-request', 400),
        ),
    },
    {
      legal: 'a 503 that says when to try again',
      edit: refused('unavailable', 503, problemHeaders({ 'retry-after': '1' })),
    },
    {
      legal: 'a request that is refused before it was read: its path and trace are not known',
      edit: (to) => {
        const about = { ...problem('request-timeout', 408), instance: '/' };
        const request = { method: 'GET', path: '/v1/jobs/x' };
        exchange(to, request, 408, about, problemHeaders());
        to.edit('asked', { traceId: 'c'.repeat(32) });
      },
    },
    {
      legal: 'an answer whose headers were not kept',
      edit: (to) => to.edit('a.place.ok', { headers: undefined }),
    },
    {
      legal: 'a query with parameters',
      edit: (to) =>
        exchange(to, { method: 'GET', path: '/v1/jobs?pageSize=2' }, 200, {
          jobs: [],
          nextPageToken: null,
        }),
    },
    {
      legal: 'no answer at all',
      edit: (to) => to.edit('a.place.ok', { type: 'info', status: 0, response: undefined }),
    },
  ],
  uuidOf,
);
