import type { HistoryBuilder } from '../checker/testing/history-builder.ts';
import { describeInvariant } from '../checker/testing/judge.ts';
import type { Unrecorded } from '../history/event.ts';
import { secretsConfined } from './secrets-confined.ts';

const TOKEN = `eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJ1c2VyLWEifQ.${'s'.repeat(40)}`;
const MAIL = 'user-a@customers.example';

const log = (text: string) => (to: HistoryBuilder) =>
  to.add('log', { type: 'log', instance: 'order-1', text } satisfies Unrecorded);

describeInvariant(
  secretsConfined,
  [
    {
      anomaly: 'a token in a span',
      edit: (to) =>
        to.edit('a.place.span.gateway', { attributes: { 'http.header': `Bearer ${TOKEN}` } }),
      says: /There is an access token in http\.header of a span of api-gateway/,
      shows: ['a.place.span.gateway'],
    },
    {
      anomaly: 'a card in a span',
      edit: (to) => to.edit('a.RESERVE_STOCK.event.span', { attributes: { card: 'card-a' } }),
      says: /There is a card token in card of a span of inventory/,
      shows: ['a.RESERVE_STOCK.event.span'],
      minimal: false,
    },
    {
      anomaly: 'a statement with a card in a span',
      edit: (to) =>
        to.edit('a.RESERVE_STOCK.event.span', {
          attributes: { 'db.query.text': "select * from cards where token = 'card-a'" },
        }),
      says: /a card token in db\.query\.text/,
      shows: ['a.RESERVE_STOCK.event.span'],
      minimal: false,
    },
    {
      anomaly: 'a card in a record of another topic',
      edit: (to) => to.edit('a.update.STARTED', { value: { detail: 'charging card-a' } }),
      says: /a card token in detail of a record on job\.updates/,
      shows: ['a.update.STARTED'],
      minimal: false,
    },
    {
      anomaly: 'a card in a frame',
      edit: (to) => to.edit('a.frame.SUCCEEDED', { message: { detail: 'card-a' } }),
      says: /a card token in detail of a frame to user-a/,
      shows: ['a.frame.SUCCEEDED'],
      minimal: false,
    },
    {
      anomaly: 'an address in an answer',
      edit: (to) => to.edit('a.list-orders', { response: { contactEmail: MAIL, note: MAIL } }),
      says: /an e-mail address in note of an answer 200 to list-orders/,
      shows: ['a.list-orders'],
      minimal: false,
    },
    {
      anomaly: 'a card in a label',
      edit: (to) => to.edit('metrics.last', { counters: { 'cards_total{card="card-a"}': 1 } }),
      says: /a card token in \d+ of a metric of order-1|a card token in .* a metric of order-1/,
      shows: ['metrics.last'],
      minimal: false,
    },
    {
      anomaly: 'a password in a log',
      edit: log('cannot connect to postgres://order:s3cret@127.0.0.1:5432/order'),
      says: /There is a password in the log of order-1/,
      shows: ['log'],
    },
    {
      anomaly: 'an address in a log',
      edit: log(`{"msg":"not sent","to":"${MAIL}"}`),
      says: /an e-mail address in the log of order-1/,
      shows: ['log'],
      minimal: false,
    },
  ],
  [
    {
      legal: 'an address in a log that is no customer’s',
      edit: log('mails come from orders@example.test'),
    },
    {
      legal: 'a URL without a password',
      edit: log('connected to postgres://127.0.0.1:5432/order'),
    },
    {
      legal: 'a longer word that begins like a card',
      edit: (to) => to.edit('a.frame.SUCCEEDED', { message: { detail: 'card-available' } }),
    },
  ],
);
