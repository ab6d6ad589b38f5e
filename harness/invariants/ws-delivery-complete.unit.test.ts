import { expect, it } from 'vitest';
import { describeInvariant, judge } from '../checker/testing/judge.ts';
import { goodStory } from '../checker/testing/story.ts';
import { wsDeliveryComplete } from './ws-delivery-complete.ts';

const FRAME = 'a.RESERVE_STOCK.domain.frame.DOMAIN_EVENT';
const NEXT = 'a.RESERVE_STOCK.frame.STEP_COMPLETED';
const UPDATE = 'a.RESERVE_STOCK.domain.update.DOMAIN_EVENT';

describeInvariant(
  wsDeliveryComplete,
  [
    {
      anomaly: 'an update that is left out',
      edit: (to) => to.without(FRAME),
      says: /Socket socket-job-a watches job job-a at level detail and never got update 2/,
      shows: ['a.socket.subscribed', UPDATE, NEXT],
    },
    {
      anomaly: 'a terminal update that never comes although the client waits',
      edit: (to) =>
        to.without('a.frame.SUCCEEDED').edit('a.socket.closed', { atMs: to.nowMs + 60_000 }),
      says: /Socket socket-job-a watches job job-a at level detail and never got update 10/,
      shows: ['a.socket.subscribed', 'a.update.SUCCEEDED'],
    },
    {
      anomaly: 'a frame that comes twice',
      edit: (to) => to.again(FRAME),
      says: /Socket socket-job-a got update 2 of job job-a twice/,
      shows: [FRAME, `${FRAME}.again`],
    },
    {
      anomaly: 'frames out of order',
      edit: (to) => to.moveAfter(FRAME, NEXT),
      says: /Socket socket-job-a got update 2 of job job-a after update 3/,
      shows: [NEXT, FRAME],
    },
    {
      anomaly: 'a frame that names the wrong update before it',
      edit: (to) => to.edit(NEXT, { message: { previousSequence: 1 } }),
      says: /got 1 as the update before update 3 of job job-a; at level detail it was 2/,
      shows: ['a.RESERVE_STOCK.update.STEP_COMPLETED', NEXT],
    },
    {
      anomaly: 'a frame that says something else than its update',
      edit: (to) => to.edit('a.frame.SUCCEEDED', { message: { kind: 'FAILED', state: 'FAILED' } }),
      says: /Update 10 of job job-a is SUCCEEDED \(SUCCEEDED\) on job.updates, but socket socket-job-a got FAILED/,
      shows: ['a.update.SUCCEEDED', 'a.frame.SUCCEEDED'],
    },
    {
      anomaly: 'a frame without an update',
      edit: (to) => to.without('a.update.SUCCEEDED'),
      says: /Socket socket-job-a got update 10 of job job-a, which job.updates lacks/,
      shows: ['a.frame.SUCCEEDED'],
    },
    {
      anomaly: 'updates before the position that are not replayed on resuming',
      edit: (to) =>
        to
          .edit('a.socket.subscribe', {
            message: {
              type: 'resume',
              requestId: 'r1',
              positions: { 'job-a': 0 },
              level: 'detail',
            },
          })
          .without('a.frame.STARTED'),
      says: /never got update 1/,
      shows: ['a.socket.subscribed', 'a.update.STARTED', FRAME],
    },
    {
      anomaly: 'a job that a subscription to all jobs misses',
      edit: (to) => {
        to.edit('a.socket.subscribe', { message: { jobId: null } });
        to.edit('a.socket.subscribed', { message: { jobId: null } });
        to.without(FRAME);
      },
      says: /Socket socket-job-a watches job job-a at level detail and never got update 2/,
      shows: ['a.socket.subscribed', UPDATE, NEXT],
    },
  ],
  [
    {
      legal: 'a missing end when the connection was cut',
      edit: (to) =>
        to
          .without('a.frame.SUCCEEDED')
          .edit('a.socket.closed', { atMs: to.nowMs + 60_000, closeCode: 1006 }),
    },
    {
      legal: 'updates that were just made when the client closed',
      edit: (to) => to.without('a.frame.SUCCEEDED'),
    },
    {
      legal: 'updates that are published again and delivered once',
      edit: (to) => to.again(UPDATE, { offset: '99' }),
    },
    {
      legal: "a wait for another user's job, which gets nothing",
      edit: (to) => {
        for (const what of ['subscribe', 'subscribed'] as const) {
          to.add(`spy.${what}`, {
            type: 'ws',
            socket: 'socket-spy',
            scenario: 'spy',
            userId: 'user-spy',
            node: 'websocket-1',
            what: what === 'subscribe' ? 'sent' : 'frame',
            message: { type: what, requestId: 'r1', jobId: 'job-a', level: 'detail' },
          });
          to.moveAfter(`spy.${what}`, `a.socket.${what}`);
        }
        to.edit('a.socket.closed', { atMs: to.nowMs + 60_000 });
      },
    },
    {
      legal: 'updates that the client said it had seen',
      edit: (to) =>
        to
          .edit('a.socket.subscribe', { message: { afterSequence: 2 } })
          .without('a.frame.STARTED', FRAME),
    },
  ],
);

it('asks for the updates of a lower level only', () => {
  const { to } = goodStory();
  to.edit('a.socket.subscribe', { message: { level: 'outcome' } });
  for (const tag of ['a.frame.STARTED', FRAME, NEXT]) to.without(tag);
  for (const step of ['AUTHORIZE_PAYMENT', 'SCHEDULE_SHIPMENT', 'CAPTURE_PAYMENT']) {
    to.without(`a.${step}.domain.frame.DOMAIN_EVENT`, `a.${step}.frame.STEP_COMPLETED`);
  }
  to.edit('a.frame.SUCCEEDED', { message: { previousSequence: 0 } });
  expect(judge(wsDeliveryComplete, to.build())).toMatchObject({ verdict: 'valid' });
});
