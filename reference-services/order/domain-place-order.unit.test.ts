import { describe, expect, it } from 'vitest';
import { OrderLife, PLACE_JOB, placedWithReplies, SAID, UNTIL_APPROVED } from './domain.testkit.ts';

const started = (step: string) => `Publish SagaStepCompleted PLACE_ORDER ${step}`;

describe('PlaceOrder goes forward', () => {
  it('starts with the reservation when an order is placed', () => {
    expect(new OrderLife().place()).toEqual(['Publish OrderPlaced', 'Send ReserveStock attempt 1']);
  });

  it('takes one step after the other and approves after the last', () => {
    const life = placedWithReplies();
    expect(UNTIL_APPROVED.map((type) => life.receives(type))).toEqual([
      [started('RESERVE_STOCK'), 'Send AuthorizePayment attempt 1'],
      [started('AUTHORIZE_PAYMENT'), 'Send ScheduleShipment attempt 1'],
      [started('SCHEDULE_SHIPMENT'), 'Send CapturePayment attempt 1'],
      [started('CAPTURE_PAYMENT'), 'Complete OrderApproved'],
    ]);
    expect(life.state.status).toBe('approved');
  });

  it('tells each participant what it needs and nothing more', () => {
    const life = placedWithReplies('StockReserved', 'PaymentAuthorized', 'ShipmentScheduled');
    const sent = life.stored.flatMap(({ fact }) => (fact.kind === 'command' ? [fact.command] : []));
    expect(sent).toMatchObject([
      { to: 'inventory', payload: { lines: [{ sku: 'tea', quantity: 2 }] } },
      { to: 'payment', payload: { cardToken: 'card-1', amount: { minorUnits: 2500 } } },
      { to: 'shipping', payload: { address: { country: 'DE' }, lines: [{ sku: 'tea' }] } },
      { to: 'payment', payload: { type: 'CapturePayment', attempt: 1 } },
    ]);
    expect(sent[0]?.payload).toEqual({
      type: 'ReserveStock',
      lines: [{ sku: 'tea', quantity: 2 }],
    });
  });

  it('numbers the public events of an order from 1 without a gap', () => {
    const life = placedWithReplies(...UNTIL_APPROVED);
    life.cancel();
    const numbers = life.stored.flatMap(({ fact }) =>
      fact.kind === 'public' ? [fact.sequence] : [],
    );
    expect(numbers).toEqual([1, 2, 3, 4, 5, 6, 7]);
  });

  it('keeps card, address and mail out of everything that is published', () => {
    const life = placedWithReplies(...UNTIL_APPROVED);
    const published = life.stored.flatMap(({ fact }) =>
      fact.kind === 'public' && fact.sequence < 6 ? [fact.payload] : [],
    );
    expect(JSON.stringify(published)).not.toMatch(/card-1|B 1/);
  });
});

describe('PlaceOrder is idempotent', () => {
  it('ignores the same command again and keeps the first job', () => {
    const life = placedWithReplies();
    expect(life.place({ jobId: 'job-2' })).toEqual(['Ignore command-repeated']);
    expect(life.state.order?.jobId).toBe(PLACE_JOB);
  });

  it('refuses another command under the same order', () => {
    expect(placedWithReplies().place({ requestHash: 'other' })).toEqual([
      'rejected idempotency-key-reused',
    ]);
    expect(placedWithReplies().place({ userId: 'user-2' })).toEqual([
      'rejected idempotency-key-reused',
    ]);
  });
});

describe('PlaceOrder is undone', () => {
  const compensation = (step: string, effective: boolean) =>
    `Publish SagaStepCompensated PLACE_ORDER ${step} ${effective}`;
  const failed = (step: string, reason: string, timedOut: boolean) =>
    `Publish SagaStepFailed PLACE_ORDER ${step} ${reason} ${timedOut}`;
  const undoing = (reason: string) => `Publish SagaCompensationStarted PLACE_ORDER ${reason}`;

  it('rejects at once when the first step is refused: there is nothing to undo', () => {
    expect(placedWithReplies().receives('StockReservationRefused')).toEqual([
      failed('RESERVE_STOCK', 'out-of-stock', false),
      'Complete OrderRejected out-of-stock',
    ]);
  });

  it('releases the stock when the card is declined', () => {
    const life = placedWithReplies('StockReserved');
    expect(life.receives('PaymentDeclined')).toEqual([
      failed('AUTHORIZE_PAYMENT', 'card-declined', false),
      undoing('card-declined'),
      'Send ReleaseStock attempt 1',
    ]);
    expect(life.receives('StockReleased')).toEqual([
      compensation('RESERVE_STOCK', true),
      'Complete OrderRejected card-declined',
    ]);
    expect(life.state).toMatchObject({ status: 'rejected', reason: 'card-declined' });
  });

  it('voids and then releases when the shipment is refused, each after the answer before', () => {
    const life = placedWithReplies('StockReserved', 'PaymentAuthorized');
    expect(life.receives('ShipmentRefused')).toEqual([
      failed('SCHEDULE_SHIPMENT', 'address-undeliverable', false),
      undoing('address-undeliverable'),
      'Send VoidPayment attempt 1',
    ]);
    expect(life.receives('PaymentVoided')).toEqual([
      compensation('AUTHORIZE_PAYMENT', true),
      'Send ReleaseStock attempt 1',
    ]);
    expect(life.receives('StockReleased')).toEqual([
      compensation('RESERVE_STOCK', true),
      'Complete OrderRejected address-undeliverable',
    ]);
  });

  it.each([
    { received: [], step: 'RESERVE_STOCK', undo: 'ReleaseStock' },
    { received: ['StockReserved'], step: 'AUTHORIZE_PAYMENT', undo: 'VoidPayment' },
    {
      received: ['StockReserved', 'PaymentAuthorized'],
      step: 'SCHEDULE_SHIPMENT',
      undo: 'CancelShipment',
    },
  ] as const)(
    'undoes a silent $step as well: its effect is unknown',
    ({ received, step, undo }) => {
      expect(placedWithReplies(...received).timer()).toEqual([
        failed(step, 'step-timed-out', true),
        undoing('step-timed-out'),
        `Send ${undo} attempt 1`,
      ]);
    },
  );

  it('undoes all three steps in reverse order after a silent shipment', () => {
    const life = placedWithReplies('StockReserved', 'PaymentAuthorized');
    life.timer();
    expect(life.receives('ShipmentCancelled')).toEqual([
      compensation('SCHEDULE_SHIPMENT', true),
      'Send VoidPayment attempt 1',
    ]);
    expect(life.receives('PaymentVoided')[1]).toBe('Send ReleaseStock attempt 1');
    expect(life.receives('StockReleased')[1]).toBe('Complete OrderRejected step-timed-out');
  });

  it('says when a compensation had nothing to undo', () => {
    const life = placedWithReplies();
    life.timer();
    const outputs = life.feed({
      kind: 'Reply',
      messageId: 'm',
      causationId: life.command().id,
      event: { ...SAID.StockReleased, effective: false, lines: [] },
    });
    expect(outputs[0]).toBe(compensation('RESERVE_STOCK', false));
  });

  it('repeats a compensation until it is answered', () => {
    const life = placedWithReplies('StockReserved');
    life.receives('PaymentDeclined');
    for (const attempt of [2, 3, 4]) {
      expect(life.timer()).toEqual([
        `Publish SagaStepRetried PLACE_ORDER RESERVE_STOCK ${attempt} step-timed-out`,
        `Send ReleaseStock attempt ${attempt}`,
      ]);
    }
    expect(life.receives('StockReleased')[1]).toBe('Complete OrderRejected card-declined');
  });

  it('takes the answer to any attempt of a compensation, and only one', () => {
    const life = placedWithReplies('StockReserved');
    life.receives('PaymentDeclined');
    const first = life.command().id;
    life.timer();
    const second = life.command().id;
    expect(life.receives('StockReleased', first)[1]).toBe('Complete OrderRejected card-declined');
    expect(life.receives('StockReleased', second)).toEqual(['Ignore answered-already']);
  });

  it('goes forward again when the silent shipment turns out to be with the carrier', () => {
    const life = placedWithReplies('StockReserved', 'PaymentAuthorized');
    life.timer();
    expect(life.receives('ShipmentCancellationRefused')).toEqual([
      started('SCHEDULE_SHIPMENT'),
      'Send CapturePayment attempt 1',
    ]);
    expect(life.receives('PaymentCaptured')[1]).toBe('Complete OrderApproved');
  });
});

describe('CapturePayment must succeed', () => {
  it('is tried again after a back-off that doubles up to its limit', () => {
    const life = placedWithReplies('StockReserved', 'PaymentAuthorized', 'ShipmentScheduled');
    const waits: string[] = [];
    for (let attempt = 1; attempt <= 7; attempt += 1) {
      waits.push(...life.receives('PaymentCaptureFailed'));
      expect(life.timer()).toEqual([
        `Publish SagaStepRetried PLACE_ORDER CAPTURE_PAYMENT ${attempt + 1} acquirer-unavailable`,
        `Send CapturePayment attempt ${attempt + 1}`,
      ]);
    }
    expect(waits.map((wait) => wait.replace(/.* in /, ''))).toEqual(
      [250, 500, 1000, 2000, 4000, 5000, 5000].map((ms) => `${ms} ms`),
    );
    expect(life.command().fact).toMatchObject({ command: { payload: { attempt: 8 } } });
    expect(life.receives('PaymentCaptured')[1]).toBe('Complete OrderApproved');
  });

  it('is repeated and never undone when no answer comes', () => {
    const life = placedWithReplies('StockReserved', 'PaymentAuthorized', 'ShipmentScheduled');
    expect(life.timer()).toEqual([
      'Publish SagaStepRetried PLACE_ORDER CAPTURE_PAYMENT 2 step-timed-out',
      'Send CapturePayment attempt 2',
    ]);
  });

  it('ignores the failure of an attempt that a newer one has replaced', () => {
    const life = placedWithReplies('StockReserved', 'PaymentAuthorized', 'ShipmentScheduled');
    const first = life.command().id;
    life.timer();
    expect(life.receives('PaymentCaptureFailed', first)).toEqual(['Ignore answered-already']);
    expect(life.receives('PaymentCaptureFailed')).toEqual([
      'Schedule CAPTURE_PAYMENT attempt 3 in 500 ms',
    ]);
  });

  it('schedules one retry for one failure, however often it is reported', () => {
    const life = placedWithReplies('StockReserved', 'PaymentAuthorized', 'ShipmentScheduled');
    life.receives('PaymentCaptureFailed');
    expect(life.receives('PaymentCaptureFailed')).toEqual(['Ignore answered-already']);
  });

  it('takes the late success of an older attempt while it waits to try again', () => {
    const life = placedWithReplies('StockReserved', 'PaymentAuthorized', 'ShipmentScheduled');
    const first = life.command().id;
    life.timer();
    life.receives('PaymentCaptureFailed');
    const retry = life.wait().id;
    expect(life.receives('PaymentCaptured', first)[1]).toBe('Complete OrderApproved');
    expect(life.timer(retry)).toEqual(['Ignore timer-superseded']);
  });
});
