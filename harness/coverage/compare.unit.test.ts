import { describe, expect, it } from 'vitest';
import {
  aboutCall,
  aboutStockReserved,
  call,
  comparisonOf,
  frame,
  named,
  pact,
  request,
  stockReserved,
} from './coverage.testkit.ts';
import { ANYBODY, Ledger } from './item.ts';

const ORDERS = 'sagaproof.order.v1.OrderService';
const gateway = { from: 'api-gateway', to: 'order', service: ORDERS, method: 'GetOrder' };
const row = (kind: string, { rows }: ReturnType<typeof comparisonOf>) =>
  rows.find((one) => one.kind === kind);

describe('what is seen and contracted', () => {
  it('is complete when contracts have just what crossed', () => {
    const whole = comparisonOf({
      events: stockReserved(),
      pacts: [
        pact(
          'order',
          'inventory',
          aboutStockReserved({ orderId: 'o', payload: { type: 'StockReserved' } }),
        ),
      ],
    });
    expect(whole.seenNotContracted).toEqual([]);
    expect(whole.contractedNeverSeen).toEqual([]);
    expect(row('edges', whole)).toMatchObject({ seen: 1, seenContracted: 1, contracted: 1 });
    // The key, the header eventType, orderId and payload.type.
    expect(row('fields', whole)).toMatchObject({ seen: 4, seenContracted: 4, contractedSeen: 4 });
  });

  it('finds a field that was seen and that no contract asserts', () => {
    const lacking = comparisonOf({
      events: stockReserved({ jobId: 'j' }),
      pacts: [pact('order', 'inventory', aboutStockReserved({ orderId: 'o' }))],
    });
    expect(named('fields', lacking.seenNotContracted)).toEqual([
      'order → inventory (kafka) · inventory.events StockReserved · jobId',
      'order → inventory (kafka) · inventory.events StockReserved · payload.type',
    ]);
    expect(row('fields', lacking)).toMatchObject({ seen: 5, seenContracted: 3 });
  });

  it('counts a field apart that the consumer is proven not to read', () => {
    const lacking = comparisonOf({
      events: stockReserved({ jobId: 'j' }),
      pacts: [pact('order', 'inventory', aboutStockReserved({ orderId: 'o' }))],
      unread: ['jobId', 'orderId'],
    });
    expect(named('fields', lacking.unread)).toEqual([
      'order → inventory (kafka) · inventory.events StockReserved · jobId',
    ]);
    expect(row('fields', lacking)).toMatchObject({ seen: 4, seenContracted: 3, unread: 1 });
  });

  it('does not count the contract of one consumer for another', () => {
    const lacking = comparisonOf({
      events: stockReserved(),
      pacts: [
        pact(
          'job-management',
          'inventory',
          aboutStockReserved({ orderId: 'o', payload: { type: 'StockReserved' } }),
        ),
      ],
    });
    expect(named('edges', lacking.seenNotContracted)).toEqual(['order → inventory (kafka)']);
    expect(named('edges', lacking.contractedNeverSeen)).toEqual([
      'job-management → inventory (kafka)',
    ]);
  });

  it('counts what holds fields only when nothing below it was seen', () => {
    const nullable = comparisonOf({
      events: [...stockReserved({ address: null }), ...stockReserved({ address: { city: 'x' } })],
      pacts: [pact('order', 'inventory', aboutStockReserved({ address: { city: 'y' } }))],
    });
    expect(named('fields', nullable.seenNotContracted)).not.toContainEqual(
      expect.stringMatching(/address/),
    );
  });

  it('lets no record count that a scenario published itself', () => {
    const own = comparisonOf({
      events: [
        ...stockReserved(),
        {
          ...{ type: 'ok', operation: 'p', name: 'other', scenario: 's' },
          response: { published: [{ topic: 'inventory.events', partition: 0, offset: '1' }] },
        },
      ],
      pacts: [],
    });
    expect(own.seenNotContracted).toEqual([]);
  });
});

describe('what is contracted and was never seen', () => {
  const cancel = aboutCall(
    ORDERS,
    'CancelOrder',
    { orderId: 'o' },
    { status: 'FAILED_PRECONDITION', code: 'order-not-cancellable' },
  );

  it('lists an operation, its fields and its error', () => {
    const idle = comparisonOf({
      events: call(gateway),
      pacts: [pact('api-gateway', 'order', cancel)],
    });
    expect(named('operations', idle.contractedNeverSeen)).toEqual([
      'api-gateway → order (grpc) · OrderService/CancelOrder',
    ]);
    expect(named('errors', idle.contractedNeverSeen)).toEqual([
      'api-gateway → order (grpc) · order-not-cancellable',
    ]);
    expect(named('operations', idle.seenNotContracted)).toEqual([
      'api-gateway → order (grpc) · OrderService/GetOrder',
    ]);
  });

  it('lists what only a document has, and only once what a contract has too', () => {
    const documented = new Ledger();
    const anybodys = { consumer: ANYBODY, provider: 'order', protocol: 'grpc' };
    for (const name of ['CancelOrder', 'GetOrder', 'PlaceOrder']) {
      documented.operation(anybodys, `OrderService/${name}`);
    }
    const idle = comparisonOf({
      events: call(gateway),
      pacts: [pact('api-gateway', 'order', cancel)],
      documented,
    });
    expect(idle.contractedNeverSeen.filter(({ kind }) => kind === 'operations')).toMatchObject([
      { consumer: ANYBODY, operation: 'OrderService/PlaceOrder', note: 'documented only' },
      { consumer: 'api-gateway', operation: 'OrderService/CancelOrder', note: 'contracted' },
    ]);
    expect(row('operations', idle)).toMatchObject({ contracted: 3, contractedSeen: 1 });
  });

  it('is neither covered nor a gap where no source shows it', () => {
    const unseen = comparisonOf({
      events: call(gateway),
      pacts: [
        pact(
          'api-gateway',
          'order',
          aboutCall(ORDERS, 'GetOrder', { orderId: 'o' }, { status: 'OK' }),
        ),
      ],
      unobservable: ({ name = '' }) =>
        name.startsWith('request.') ? 'no source shows it' : undefined,
    });
    expect(unseen.unobserved).toMatchObject([{ name: 'request.orderId' }]);
    expect(row('fields', unseen)).toMatchObject({ contracted: 0, unobserved: 1, seen: 0 });
  });

  it('takes fields from verification, and neither edges, operations nor errors', () => {
    const edge = { consumer: 'api-gateway', provider: 'order', protocol: 'grpc' };
    const verified = new Ledger();
    verified.operation(edge, 'OrderService/CancelOrder');
    verified.field(edge, 'OrderService/CancelOrder', 'answer.jobId');
    verified.error(edge, 'order-not-cancellable');
    const found = comparisonOf({
      events: call(gateway),
      pacts: [pact('api-gateway', 'order', cancel)],
      verified,
    });
    expect(named('fields', found.seenNotContracted)).toEqual([
      'api-gateway → order (grpc) · OrderService/CancelOrder · answer.jobId',
    ]);
    const notes = found.contractedNeverSeen.map(({ kind, note }) => `${kind}: ${note}`);
    expect(notes).toContain('operations: contracted, and seen in verification only');
    expect(notes).toContain('errors: contracted, and seen in verification only');
  });
});

describe('errors', () => {
  it('are found on gRPC by the code of the span, at the edge', () => {
    const refused = comparisonOf({ events: call(gateway, 'order-not-found'), pacts: [] });
    expect(named('errors', refused.seenNotContracted)).toEqual([
      'api-gateway → order (grpc) · order-not-found',
    ]);
  });

  it('are the same when a deadline passes and no code comes', () => {
    const late = aboutCall(ORDERS, 'GetOrder', {}, { status: 'DEADLINE_EXCEEDED' });
    const both = comparisonOf({
      events: call(gateway, 'outcome-unknown'),
      pacts: [pact('api-gateway', 'order', late)],
    });
    expect(row('errors', both)).toMatchObject({ seen: 1, seenContracted: 1, contractedSeen: 1 });
  });

  it('are found in records and frames, and as the status of a handshake', () => {
    const reasons = comparisonOf({
      events: [
        ...stockReserved({ payload: { type: 'StockReserved', reason: 'out-of-stock' } }),
        frame('frame', { type: 'error', code: 'job-not-found', title: 'T.' }),
        {
          ...{ type: 'ws', socket: 'x', scenario: 's', userId: 'u', node: 'n' },
          ...{ what: 'refused', status: 401 },
        },
      ],
      pacts: [],
    });
    expect(named('errors', reasons.seenNotContracted)).toEqual([
      'order → inventory (kafka) · out-of-stock',
      'web-client → websocket (ws) · HTTP 401',
      'web-client → websocket (ws) · job-not-found',
    ]);
  });
});

describe('what is no edge of the system', () => {
  it('counts what the harness does as an operator apart', () => {
    const { outside, seenNotContracted } = comparisonOf({
      events: call({ to: 'order', service: ORDERS, method: 'GetOrder' }),
      pacts: [],
    });
    expect(named('operations', outside)).toEqual([
      'operator → order (grpc) · OrderService/GetOrder',
    ]);
    expect(seenNotContracted).toEqual([]);
  });

  it('says of a call that never arrived only how it failed', () => {
    const [asked] = call(gateway, 'unavailable');
    const lost = comparisonOf({ events: asked === undefined ? [] : [asked], pacts: [] });
    expect(named('operations', lost.seenNotContracted)).toEqual([]);
    expect(named('errors', lost.seenNotContracted)).toEqual([
      'api-gateway → order (grpc) · unavailable',
    ]);
  });
});

describe('what a web client does', () => {
  const place = { method: 'POST', path: '/v1/orders', json: { lines: [{ sku: 'a' }] } };

  it('is an operation of the document with the fields of both sides', () => {
    const seen = comparisonOf({
      events: request(place, { status: 202, response: { jobId: 'j' } }),
      pacts: [],
    });
    expect(named('operations', seen.seenNotContracted)).toEqual([
      'web-client → api-gateway (http) · POST /v1/orders',
    ]);
    expect(
      seen.seenNotContracted.flatMap(({ kind, name }) => (kind === 'fields' ? [name] : [])),
    ).toEqual(['answer.jobId', 'request.lines[].sku']);
  });

  it('is no request of a contract when it is refused, and its code is', () => {
    const nonsense = { ...place, json: { nonsense: true } };
    const response = { code: 'invalid-request' };
    const seen = comparisonOf({
      events: request(nonsense, { status: 400, code: 'invalid-request', response }),
      pacts: [],
    });
    expect(seen.seenNotContracted.map(({ name }) => name)).not.toContain('request.nonsense');
    expect(named('errors', seen.seenNotContracted)).toHaveLength(1);
  });

  it('is an operation that no document has when it is answered all the same', () => {
    const seen = comparisonOf({
      events: request({ method: 'GET', path: '/v1/hidden' }, { status: 200, response: {} }),
      pacts: [],
    });
    expect(named('operations', seen.seenNotContracted)).toEqual([
      'web-client → api-gateway (http) · GET /v1/hidden',
    ]);
  });

  it('is no message of the socket when AsyncAPI forbids it', () => {
    const seen = comparisonOf({
      events: [frame('sent', { type: 'fly' }), frame('sent', { type: 'ping', requestId: 'r' })],
      pacts: [],
    });
    expect(named('operations', seen.seenNotContracted)).toEqual([
      'web-client → websocket (ws) · ping',
    ]);
  });
});
