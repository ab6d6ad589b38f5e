import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  decide,
  dispatch,
  evolve,
  flawOf,
  initialState,
  type Shipment,
  type ShippingCommand,
  type ShippingReply,
} from './domain.ts';

const ORDER = '0199d1c2-0000-7000-8000-000000000001';
const TRACKING = 'SP0199D1C2000070008000000000000001';
const ADDRESS = {
  recipient: 'A. Customer',
  street: '1-1 Chiyoda',
  city: 'Tokyo',
  postalCode: '100-0001',
  country: 'JP',
};
const LINES = [{ sku: 'a', quantity: 1 }];
const schedule = (address = ADDRESS): ShippingCommand => ({
  type: 'ScheduleShipment',
  address,
  lines: LINES,
});
const SCHEDULE = schedule();
const CANCEL: ShippingCommand = { type: 'CancelShipment' };
const DISPATCH = 'dispatch';
type Step = ShippingCommand | typeof DISPATCH;

function take(state: Shipment, step: Step): { state: Shipment; reply?: ShippingReply } {
  if (step === DISPATCH) return { state: dispatch(state)?.after ?? state };
  const reply = decide(state, step, ORDER);
  return { state: evolve(state, reply), reply };
}

/** Given what came before, when a command comes, then this is its answer and the state after it. */
function given(...earlier: readonly Step[]) {
  const before = earlier.reduce<Shipment>((state, step) => take(state, step).state, initialState);
  return { before, when: (step: Step) => take(before, step) };
}

describe('a shipment', () => {
  it('is scheduled under a number of its own', () => {
    expect(given().when(SCHEDULE)).toEqual({
      reply: { type: 'ShipmentScheduled', trackingNumber: TRACKING },
      state: { status: 'scheduled', trackingNumber: TRACKING },
    });
  });

  it.each(['JP', 'US', 'DE', 'FR', 'GB'])('goes to %s', (country) => {
    const { reply } = given().when(schedule({ ...ADDRESS, country }));
    expect(reply?.type).toBe('ShipmentScheduled');
  });

  it.each([
    ['a country that no carrier serves', { ...ADDRESS, country: 'AQ' }],
    ['no country', { ...ADDRESS, country: '' }],
    ['no postal code', { ...ADDRESS, postalCode: '' }],
    ['a blank postal code', { ...ADDRESS, postalCode: '  ' }],
  ])('is refused for %s', (_what, address) => {
    expect(given().when(schedule(address))).toEqual({
      reply: { type: 'ShipmentRefused', reason: 'address-undeliverable' },
      state: initialState,
    });
  });

  it('answers a second request as the first, also when it is on its way', () => {
    const reply = { type: 'ShipmentScheduled', trackingNumber: TRACKING };
    expect(given(SCHEDULE).when(SCHEDULE).reply).toEqual(reply);
    expect(given(SCHEDULE, DISPATCH).when(SCHEDULE).reply).toEqual(reply);
  });

  it('is cancelled once', () => {
    expect(given(SCHEDULE).when(CANCEL)).toEqual({
      reply: { type: 'ShipmentCancelled', effective: true },
      state: { status: 'cancelled', trackingNumber: TRACKING },
    });
    expect(given(SCHEDULE, CANCEL).when(CANCEL).reply).toEqual({
      type: 'ShipmentCancelled',
      effective: false,
    });
  });

  it('is refused after a cancellation that came before it', () => {
    expect(given().when(CANCEL).reply).toEqual({ type: 'ShipmentCancelled', effective: false });
    expect(given(CANCEL).when(SCHEDULE)).toEqual({
      reply: { type: 'ShipmentRefused', reason: 'shipment-cancelled' },
      state: { status: 'cancelled' },
    });
  });

  it('cannot be cancelled once it was dispatched', () => {
    expect(given(SCHEDULE, DISPATCH).when(CANCEL)).toEqual({
      reply: { type: 'ShipmentCancellationRefused', reason: 'shipment-dispatched' },
      state: { status: 'dispatched', trackingNumber: TRACKING },
    });
  });

  it('is dispatched once, and only when it is scheduled', () => {
    expect(dispatch(given(SCHEDULE).before)?.isNew).toBe(true);
    expect(dispatch(given(SCHEDULE, DISPATCH).before)?.isNew).toBe(false);
    expect(dispatch(given().before)).toBeUndefined();
    expect(dispatch(given(SCHEDULE, CANCEL).before)).toBeUndefined();
  });
});

describe('whatever order messages come in, and however often', () => {
  const steps = fc.array(fc.constantFrom<Step>(SCHEDULE, CANCEL, DISPATCH), { maxLength: 8 });

  function run(sequence: readonly Step[]) {
    let state: Shipment = initialState;
    const replies: ShippingReply[] = [];
    for (const step of sequence) {
      const result = take(state, step);
      state = result.state;
      if (result.reply !== undefined) replies.push(result.reply);
    }
    return { state, replies };
  }

  it('is never both cancelled and dispatched, and cancelled effectively at most once', () => {
    fc.assert(
      fc.property(steps, (sequence) => {
        const { state, replies } = run(sequence);
        const cancelled = replies.filter((reply) => 'effective' in reply && reply.effective);
        const refused = replies.some(({ type }) => type === 'ShipmentCancellationRefused');
        expect(cancelled.length).toBeLessThanOrEqual(1);
        if (cancelled.length === 1) expect(state.status).toBe('cancelled');
        if (refused) expect(state.status).toBe('dispatched');
      }),
      { verbose: true },
    );
  });

  it('does not go out once a cancellation was accepted', () => {
    fc.assert(
      fc.property(steps, (after) => {
        expect(run([CANCEL, ...after]).state.status).toBe('cancelled');
      }),
      { verbose: true },
    );
  });
});

describe('a command', () => {
  it.each<[string, ShippingCommand]>([
    ['no line', { ...(SCHEDULE as object), lines: [] } as unknown as ShippingCommand],
    [
      'a quantity of zero',
      { type: 'ScheduleShipment', address: ADDRESS, lines: [{ sku: 'a', quantity: 0 }] },
    ],
  ])('cannot be meant with %s', (_what, command) => {
    expect(flawOf(command)).toBeDefined();
  });

  it('has no flaw when it is as it should be', () => {
    expect([SCHEDULE, CANCEL].flatMap((each) => flawOf(each) ?? [])).toEqual([]);
  });
});
