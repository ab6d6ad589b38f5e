import fastify, { type FastifyInstance } from 'fastify';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Unrecorded } from '../history/event.ts';
import type { AddressBook } from '../kernel/address-book.ts';
import { mail } from './mail.ts';
import { RunEntities } from './run-entities.ts';

const SETTLE_MS = 1_000;
const events: Unrecorded[] = [];
const messages: object[] = [];
let sink: FastifyInstance;
let messagesUrl = '';

beforeEach(async () => {
  events.length = 0;
  messages.length = 0;
  sink = fastify();
  sink.get<{ Querystring: { after: string } }>('/messages', async ({ query }) => ({
    messages: messages.slice(Number(query.after)),
    next: messages.length,
  }));
  messagesUrl = `${await sink.listen()}/messages`;
});
afterEach(() => sink.close());

const start = async () => {
  const recorder = await mail.start({
    book: { smtp: { host: 'sink', port: 25, messagesUrl } } as unknown as AddressBook,
    run: 'run-1',
    beganMs: Date.now(),
    record: (event) => void events.push(event),
    entities: new RunEntities(),
  });
  if (!recorder) throw new Error('there is no recorder');
  return recorder;
};
const message = (subject: string) => ({
  seq: messages.length + 1,
  receivedAt: '2026-01-01T00:00:00.000Z',
  from: 'orders@example.test',
  to: ['u-1@example.test'],
  subject,
  messageId: '<1@example.test>',
  text: 'We have charged $20.00.',
  headers: { subject },
});

it('records the mails since its start: recipients, subject and text', async () => {
  messages.push(message('of an earlier run'));
  const recorder = await start();
  messages.push(message('Your order is confirmed'));
  await recorder.settle(SETTLE_MS);
  expect(events).toEqual([
    {
      type: 'mail',
      receivedMs: Date.parse('2026-01-01T00:00:00.000Z'),
      messageId: '<1@example.test>',
      from: 'orders@example.test',
      to: ['u-1@example.test'],
      subject: 'Your order is confirmed',
      text: 'We have charged $20.00.',
      headers: { subject: 'Your order is confirmed' },
    },
  ]);
  expect(recorder.events).toBe(1);
});

it('records a mail while the run goes on', async () => {
  const recorder = await start();
  messages.push(message('Your order is confirmed'));
  await expect.poll(() => events.length).toBe(1);
  await recorder.settle(SETTLE_MS);
  expect(recorder.events).toBe(1);
  await recorder.close();
});

it('is incomplete when the sink does not answer, and does not end the run for it', async () => {
  await sink.close();
  const recorder = await start();
  await expect(recorder.settle(SETTLE_MS)).rejects.toThrow('did not answer');
});
