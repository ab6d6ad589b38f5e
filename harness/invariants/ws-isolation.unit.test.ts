import { describeInvariant } from '../checker/testing/judge.ts';
import { wsIsolation } from './ws-isolation.ts';

const FRAME = 'a.RESERVE_STOCK.domain.frame.DOMAIN_EVENT';
const outcomeOnly = { message: { level: 'outcome' } };

describeInvariant(
  wsIsolation,
  [
    {
      anomaly: "a frame of another user's job",
      edit: (to) => to.edit(FRAME, { socket: 'socket-job-r', userId: 'user-r' }),
      says: /Socket socket-job-r of user-r got a frame of job job-a, which is user-a's/,
      shows: ['a.place.ok', FRAME],
    },
    {
      anomaly: 'a frame of a job that the socket had not asked for',
      edit: (to) => to.without('a.socket.subscribe'),
      says: /Socket socket-job-a of user-a got a frame of job job-a, which it had not asked for/,
      shows: ['a.frame.STARTED'],
    },
    {
      anomaly: 'a frame above the level that was asked for',
      edit: (to) =>
        to.edit('a.socket.subscribe', outcomeOnly).edit('a.socket.subscribed', outcomeOnly),
      says: /asked for level outcome of job job-a and got an update of level progress/,
      shows: ['a.socket.subscribe', 'a.frame.STARTED'],
    },
    {
      anomaly: 'a level of the subscription to all jobs, for a job with one of its own',
      edit: (to) =>
        to
          .again(
            'a.socket.open',
            { what: 'sent', message: { type: 'subscribe', requestId: 'r0', level: 'detail' } },
            'all',
          )
          .edit('a.socket.subscribe', outcomeOnly)
          .edit('a.socket.subscribed', outcomeOnly),
      says: /asked for level outcome of job job-a and got an update of level progress/,
      shows: ['a.socket.subscribe', 'a.frame.STARTED'],
    },
    {
      anomaly: 'a frame after the subscription was ended',
      edit: (to) =>
        to.again(
          'a.frame.STARTED',
          { message: { type: 'unsubscribed', jobId: 'job-a', requestId: 'r2' } },
          'unsubscribed',
        ),
      says: /got a frame of job job-a, which it had not asked for/,
      shows: [FRAME],
    },
    {
      anomaly: 'a frame on a socket that was closed',
      edit: (to) => to.moveAfter('a.frame.SUCCEEDED', 'a.socket.closed'),
      says: /Socket socket-job-a got a frame after it was closed or refused/,
      shows: ['a.socket.closed', 'a.frame.SUCCEEDED'],
    },
    {
      anomaly: 'an update that is marked with too low a level',
      edit: (to) => to.edit('r.update.COMPENSATING', { value: { level: 'OUTCOME' } }),
      says: /Update \d+ of job job-r is COMPENSATING, which level detail sees first, but is marked OUTCOME/,
      shows: ['r.update.COMPENSATING'],
    },
  ],
  [
    {
      legal: 'frames of the old level until a lower one is acknowledged',
      edit: (to) =>
        to.again(
          'a.frame.STARTED',
          { what: 'sent', message: { type: 'subscribe', jobId: 'job-a', level: 'outcome' } },
          'lower',
        ),
    },
    {
      legal: 'frames of all jobs when all were asked for',
      edit: (to) =>
        to
          .edit('a.socket.subscribe', { message: { jobId: null } })
          .edit('a.socket.subscribed', { message: { jobId: null } }),
    },
  ],
);
