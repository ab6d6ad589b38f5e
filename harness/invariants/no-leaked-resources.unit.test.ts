import { expect, it } from 'vitest';
import { describeInvariant, judge } from '../checker/testing/judge.ts';
import { goodStory } from '../checker/testing/story.ts';
import { noLeakedResources } from './no-leaked-resources.ts';

const socketOf = (userId: string, ttlMs: number | null) =>
  ({
    type: 'state',
    source: 'redis',
    kind: 'ws-socket',
    service: 'websocket',
    key: 'ws-1',
    value: { userId, node: 'websocket-1', ttlMs },
  }) as const;
const group = (members: number) =>
  ({
    type: 'state',
    source: 'kafka',
    kind: 'group',
    service: '',
    key: 'query-rebuild-1',
    value: { state: members > 0 ? 'Stable' : 'Empty', members },
  }) as const;
const connection = (kind: 'CONNECTED' | 'DISCONNECTED', socketId = 'ws-1', userId = 'user-a') =>
  ({
    type: 'kafka',
    topic: 'websocket.connections',
    partition: 0,
    offset: '0',
    key: 'user-a',
    headers: {},
    timestampMs: 0,
    value: {
      messageId: `${socketId}-${kind}`,
      socketId,
      userId,
      nodeId: 'websocket-1',
      kind,
      closeCode: null,
      occurredAt: 0,
    },
  }) as const;
const LAST = 'state.job.job-cc';

describeInvariant(
  noLeakedResources,
  [
    {
      anomaly: 'a reservation of a rejected order',
      edit: (to) => to.edit('state.reservation.r', { value: { status: 'RESERVED' } }),
      says: /Order order-r is rejected, but its reservation is RESERVED in the end/,
      shows: ['r.OrderRejected', 'state.reservation.r'],
    },
    {
      anomaly: 'a hold of a rejected order',
      edit: (to) => to.edit('state.payment.r', { value: { status: 'AUTHORIZED' } }),
      says: /Order order-r is rejected, but its payment is AUTHORIZED in the end/,
      shows: ['r.OrderRejected', 'state.payment.r'],
    },
    {
      anomaly: 'a shipment of a cancelled order',
      edit: (to) => to.edit('state.shipment.c', { value: { status: 'SCHEDULED' } }),
      says: /Order order-c is cancelled, but its shipment is SCHEDULED in the end/,
      shows: ['c.cancel.OrderCancelled', 'state.shipment.c'],
    },
    {
      anomaly: 'an approved order without its stock',
      edit: (to) => to.edit('state.reservation.a', { value: { status: 'RELEASED' } }),
      says: /Order order-a is approved, but its reservation is RELEASED in the end/,
      shows: ['a.OrderApproved', 'state.reservation.a'],
    },
    {
      anomaly: 'the entry of a socket that was closed long ago',
      edit: (to) => to.after(LAST, 'entry', socketOf('user-a', 9_000)),
      says: /Socket ws-1 of user-a on websocket-1 is still in Redis/,
      shows: ['a.socket.closed', 'entry'],
    },
    {
      anomaly: 'a socket that goes without having come',
      edit: (to) => to.after('a.socket.closed', 'gone', connection('DISCONNECTED')),
      says: /Socket ws-1 of user-a has a DISCONNECTED event, but no CONNECTED event before it/,
      shows: ['gone'],
    },
    {
      anomaly: 'a socket that went without anybody telling',
      edit: (to) => to.after('a.socket.open', 'connected', connection('CONNECTED')),
      says: /Socket ws-1 of user-a connected to websocket-1 and has no DISCONNECTED event/,
      shows: ['connected', 'a.socket.closed'],
    },
    {
      anomaly: 'an entry that would stay for ever',
      edit: (to) => to.after(LAST, 'entry', socketOf('user-a', null)),
      says: /Socket ws-1 of user-a has no time to live in Redis/,
      shows: ['entry'],
    },
    {
      anomaly: 'a job that would stay for ever',
      edit: (to) => to.edit('state.job.job-a', { value: { ttlMs: null } }),
      says: /Job job-a of user-a has no time to live/,
      shows: ['state.job.job-a'],
    },
    {
      anomaly: 'a temporary consumer group',
      edit: (to) => to.after(LAST, 'group', group(0)),
      says: /Consumer group query-rebuild-1 came up during the run and is left behind/,
      shows: ['group'],
    },
    {
      anomaly: 'a job that has not ended long after its bound',
      edit: (to) =>
        to
          .edit('run', { bounds: { terminalWithinMs: 100 } })
          .edit('state.job.job-a', { value: { state: 'RUNNING' } }),
      says: /Job job-a is still RUNNING in the end/,
      shows: ['state.job.job-a'],
    },
  ],
  [
    {
      legal: 'the entry of a socket whose node was killed, until it expires',
      edit: (to) =>
        to.after(LAST, 'entry', socketOf('user-a', 9_000)).after('a.socket.closed', 'killed', {
          type: 'process',
          instance: 'websocket-1',
          what: 'exited',
          signal: 'SIGKILL',
        }),
    },
    {
      legal: 'the entry of a socket that is open',
      edit: (to) => to.without('a.socket.closed').after(LAST, 'entry', socketOf('user-a', 9_000)),
    },
    {
      legal: 'a socket with both its CONNECTED and its DISCONNECTED event',
      edit: (to) =>
        to
          .after('a.socket.open', 'connected', connection('CONNECTED'))
          .after('a.socket.closed', 'disconnected', connection('DISCONNECTED')),
    },
    {
      legal: 'a CONNECTED event that is recorded before any other event of its user',
      edit: (to) =>
        to
          .after('run', 'connected', connection('CONNECTED'))
          .after('a.socket.closed', 'disconnected', connection('DISCONNECTED')),
    },
    {
      legal: "a socket of another run's user that goes, or stays",
      edit: (to) =>
        to
          .after('run', 'gone', connection('DISCONNECTED', 'ws-8', 'another-user'))
          .after('run', 'stays', connection('CONNECTED', 'ws-9', 'another-user')),
    },
    { legal: 'a new group that has members', edit: (to) => to.after(LAST, 'group', group(2)) },
    {
      legal: 'a job that was issued and will expire',
      edit: (to) => to.edit('state.job.job-a', { value: { state: 'ISSUED' } }),
    },
  ],
);

it('does not judge a job that is still within its bound', () => {
  const { to } = goodStory();
  to.edit('run', { bounds: { terminalWithinMs: 600_000 } });
  to.edit('state.job.job-a', { value: { state: 'RUNNING' } });
  expect(judge(noLeakedResources, to.build())).toMatchObject({
    verdict: 'unknown',
    reason: expect.stringContaining('job job-a was RUNNING'),
  });
});
