import { expect, it } from 'vitest';
import type { HistoryBuilder } from '../checker/testing/history-builder.ts';
import { describeInvariant, judge } from '../checker/testing/judge.ts';
import { goodStory } from '../checker/testing/story.ts';
import { uuidOf } from '../checker/testing/write-fixtures.ts';
import type { SocketEvent } from '../history/event.ts';
import { schemaConformance } from './schema-conformance.ts';

const RESERVE = 'a.RESERVE_STOCK.command';
const FRAME = 'a.frame.STARTED';
const OTHER = uuidOf('something else');

/** The payload of a record of the story, with an edit. */
const payload = (to: HistoryBuilder, tag: string, change: Readonly<Record<string, unknown>>) => {
  const record = to.event(tag) as { value?: { payload?: object } };
  to.edit(tag, { value: { payload: { ...record.value?.payload, ...change } } });
};

const poison = (to: HistoryBuilder) =>
  to.again(
    RESERVE,
    {
      key: 'poison',
      offset: '77',
      headers: {},
      value: undefined,
      undecodable: 'it is not in the Confluent wire format',
      raw: 'AA==',
    },
    'poison',
  );

describeInvariant(
  schemaConformance,
  [
    {
      anomaly: 'a value that cannot be decoded',
      edit: poison,
      says: /inventory\.commands\/\d\/77 .* not of the subject inventory\.commands-value/,
      shows: ['poison'],
    },
    {
      anomaly: 'a value without a field of its schema',
      edit: (to) => to.edit(RESERVE, { value: { causationId: undefined } }),
      says: /inventory\.commands\/.* must have required property 'causationId'|causationId must/,
      shows: [RESERVE],
    },
    {
      anomaly: 'a payload that is of no branch of the union',
      edit: (to) => {
        payload(to, RESERVE, { type: 'ReserveStocks' });
        to.edit(RESERVE, { headers: { eventType: 'ReserveStocks' } });
      },
      says: /value of tag "type" must be in oneOf/,
      shows: [RESERVE],
    },
    {
      anomaly: 'a member that the closed set does not have',
      edit: (to) => payload(to, 'a.RESERVE_STOCK.SagaStepCompleted', { step: 'RESERVE_STOCKS' }),
      says: /payload\.step must be equal to one of the allowed values \(UNKNOWN, RESERVE_STOCK/,
      shows: ['a.RESERVE_STOCK.SagaStepCompleted'],
    },
    {
      anomaly: 'a null where the schema has none',
      edit: (to) => to.edit('a.update.STARTED', { value: { orderId: null } }),
      says: /orderId must be string/,
      shows: ['a.update.STARTED'],
    },
    {
      anomaly: 'a record without the header id',
      edit: (to) => to.edit(RESERVE, { headers: { id: undefined } }),
      says: /headers are not as documented/,
      shows: [RESERVE],
    },
    {
      anomaly: 'a header id that is another message’s',
      edit: (to) => to.edit(RESERVE, { headers: { id: OTHER } }),
      says: /header id .* is not its messageId/,
      shows: [RESERVE],
    },
    {
      anomaly: 'a header eventType that is not the payload’s type',
      edit: (to) => to.edit(RESERVE, { headers: { eventType: 'ReleaseStock' } }),
      says: /eventType ReleaseStock is not its type ReserveStock/,
      shows: [RESERVE],
    },
    {
      anomaly: 'a record with another key than the topic table says',
      edit: (to) => to.edit('a.update.STARTED', { key: uuidOf('order-a') }),
      says: /its key .* is not its jobId/,
      shows: ['a.update.STARTED'],
    },
    {
      anomaly: 'a record on a partition that its topic does not have',
      edit: (to) => to.edit(RESERVE, { partition: 3 }),
      says: /its topic has 3 partitions/,
      shows: [RESERVE],
    },
    {
      anomaly: 'a topic that is in no table',
      edit: (to) => to.edit(RESERVE, { topic: 'inventory.orders' }),
      says: /not in the topic table/,
      shows: [RESERVE],
    },
    {
      anomaly: 'a dead letter without its cause',
      edit: (to) => to.again(RESERVE, { topic: 'inventory.commands.dlq' }, 'dead'),
      says: /must have required property 'dlq-cause'/,
      shows: ['dead'],
    },
    {
      anomaly: 'a frame with a level in capitals',
      edit: (to) => to.edit(FRAME, { message: { level: 'PROGRESS' } }),
      says: /A frame on socket .*level must be equal to one of the allowed values/,
      shows: [FRAME],
    },
    {
      anomaly: 'a frame with a field that is not documented',
      edit: (to) => to.edit(FRAME, { message: { userId: 'user-a' } }),
      says: /must NOT have additional properties \(userId\)/,
      shows: [FRAME],
    },
    {
      anomaly: 'a frame of a type that is not documented',
      edit: (to) => to.edit(FRAME, { message: { type: 'progress' } }),
      says: /type is one of: subscribed/,
      shows: [FRAME],
    },
    {
      anomaly: 'a message that the document forbids, accepted',
      edit: (to) => to.edit('a.socket.subscribe', { message: { level: 'all' } }),
      says: /was accepted, and may not be sent: .*level/,
      shows: ['a.socket.subscribe', 'a.socket.subscribed'],
    },
  ],
  [
    {
      legal: 'bytes that a scenario published itself, with their offsets on record',
      edit: (to) => {
        poison(to);
        const { partition } = to.event('poison') as unknown as { partition: number };
        to.add('publish', {
          type: 'invoke',
          operation: 'publish',
          name: 'other',
          scenario: 'story',
        }).add('published', {
          type: 'ok',
          operation: 'publish',
          name: 'other',
          scenario: 'story',
          response: { published: [{ topic: 'inventory.commands', partition, offset: '77' }] },
        });
      },
    },
    {
      legal: 'a forbidden message that is refused',
      edit: (to) => {
        const { message: _, ...frame } = to.event('a.socket.subscribed') as SocketEvent;
        to.edit('a.socket.subscribe', { message: { level: 'all' } });
        to.after('a.socket.subscribe', 'refused', {
          ...frame,
          message: { type: 'error', code: 'invalid-request', title: 'No.', requestId: 'r1' },
        }).without('a.socket.subscribed');
      },
    },
  ],
  uuidOf,
);

it('looks at every frame, answer and record', () => {
  const events = goodStory(uuidOf).to.build();
  const looked = events.filter(
    (event) =>
      event.type === 'kafka' ||
      event.type === 'ok' ||
      (event.type === 'ws' && event.what === 'frame'),
  );
  expect(judge(schemaConformance, events).looked).toBe(looked.length);
});
