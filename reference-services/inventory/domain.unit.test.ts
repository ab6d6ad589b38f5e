import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type Availability,
  decide,
  evolve,
  flawOf,
  type InventoryCommand,
  type InventoryReply,
  initialState,
  type Line,
  type Reservation,
  stockChanges,
} from './domain.ts';

const LINES: readonly Line[] = [
  { sku: 'b', quantity: 2 },
  { sku: 'a', quantity: 1 },
];
const RESERVE: InventoryCommand = { type: 'ReserveStock', lines: LINES };
const RELEASE: InventoryCommand = { type: 'ReleaseStock' };
const RESTOCK: InventoryCommand = { type: 'RestockItems' };
const PLENTY: Availability = new Map([
  ['a', 10],
  ['b', 10],
]);
const FINAL_REASON = 'reservation-released';

/**
 * Given commands that came before, when one comes, then this is its answer and the state after it.
 */
function given(...earlier: readonly InventoryCommand[]) {
  const before = earlier.reduce(
    (state, command) => evolve(state, decide(state, command, PLENTY)),
    initialState,
  );
  return {
    when(command: InventoryCommand, available: Availability = PLENTY) {
      const reply = decide(before, command, available);
      const after = evolve(before, reply);
      return { reply, after, changes: stockChanges(before, after) };
    },
  };
}

describe('a reservation', () => {
  it('holds every line, and says so', () => {
    expect(given().when(RESERVE)).toEqual({
      reply: { type: 'StockReserved', lines: LINES },
      after: { status: 'reserved', lines: LINES },
      changes: [
        { sku: 'a', quantity: 1 },
        { sku: 'b', quantity: 2 },
      ],
    });
  });

  it('holds nothing when one product is short, and names it', () => {
    const available = new Map([
      ['a', 1],
      ['b', 1],
    ]);
    expect(given().when(RESERVE, available)).toEqual({
      reply: { type: 'StockReservationRefused', reason: 'out-of-stock', sku: 'b' },
      after: initialState,
      changes: [],
    });
  });

  it('counts a product that is on two lines once, with both quantities', () => {
    const lines = [
      { sku: 'a', quantity: 6 },
      { sku: 'a', quantity: 5 },
    ];
    expect(given().when({ type: 'ReserveStock', lines }).reply).toMatchObject({
      reason: 'out-of-stock',
      sku: 'a',
    });
  });

  it('is refused for a product that was never received', () => {
    expect(given().when(RESERVE, new Map()).reply).toMatchObject({ sku: 'a' });
  });

  it('may be asked for again after stock was short', () => {
    const short = decide(initialState, RESERVE, new Map());
    const reply = decide(evolve(initialState, short), RESERVE, PLENTY);
    expect(reply.type).toBe('StockReserved');
  });

  it('answers a second request as the first, and holds nothing more', () => {
    const { reply, changes } = given(RESERVE).when(RESERVE, new Map());
    expect(reply).toEqual({ type: 'StockReserved', lines: LINES });
    expect(changes).toEqual([]);
  });

  it('gives everything back when it is released, once', () => {
    expect(given(RESERVE).when(RELEASE)).toEqual({
      reply: { type: 'StockReleased', effective: true, lines: LINES },
      after: { status: 'released' },
      changes: [
        { sku: 'a', quantity: -1 },
        { sku: 'b', quantity: -2 },
      ],
    });
    expect(given(RESERVE, RELEASE).when(RELEASE)).toMatchObject({
      reply: { type: 'StockReleased', effective: false, lines: [] },
      changes: [],
    });
  });

  it('is refused after a release that came before it', () => {
    expect(given().when(RELEASE).reply).toMatchObject({ effective: false });
    expect(given(RELEASE).when(RESERVE)).toMatchObject({
      reply: { type: 'StockReservationRefused', reason: FINAL_REASON, sku: null },
      changes: [],
    });
  });

  it('is put back when its order is cancelled, once', () => {
    expect(given(RESERVE).when(RESTOCK).reply).toEqual({
      type: 'StockRestocked',
      effective: true,
      lines: LINES,
    });
    expect(given(RESERVE, RESTOCK).when(RESTOCK).reply).toMatchObject({ effective: false });
    expect(given(RESERVE, RESTOCK).when(RELEASE).reply).toMatchObject({ effective: false });
    expect(given(RESERVE, RESTOCK).when(RESERVE).reply).toMatchObject({ reason: FINAL_REASON });
  });

  it.each<[string, readonly Line[]]>([
    ['no line', []],
    ['a quantity of zero', [{ sku: 'a', quantity: 0 }]],
    ['a quantity that is too large', [{ sku: 'a', quantity: 1_001 }]],
    ['a product name with a space', [{ sku: 'a b', quantity: 1 }]],
    ['too many lines', Array.from({ length: 51 }, () => ({ sku: 'a', quantity: 1 }))],
  ])('cannot be meant with %s', (_what, lines) => {
    expect(flawOf({ type: 'ReserveStock', lines })).toBeDefined();
  });

  it('has no flaw when it is as it should be', () => {
    expect([RESERVE, RELEASE, RESTOCK].map(flawOf)).toEqual([undefined, undefined, undefined]);
  });
});

describe('whatever order messages come in, and however often', () => {
  const commands = fc.array(fc.constantFrom(RESERVE, RELEASE, RESTOCK), { maxLength: 8 });

  function run(given: readonly InventoryCommand[]) {
    let state: Reservation = initialState;
    const held = new Map<string, number>();
    const replies: InventoryReply[] = [];
    for (const command of given) {
      const reply = decide(state, command, PLENTY);
      const after = evolve(state, reply);
      for (const { sku, quantity } of stockChanges(state, after)) {
        held.set(sku, (held.get(sku) ?? 0) + quantity);
      }
      replies.push(reply);
      state = after;
    }
    return { state, held, replies };
  }

  it('is undone at most once, never below zero, and holds exactly what the state says', () => {
    fc.assert(
      fc.property(commands, (sequence) => {
        const { state, held, replies } = run(sequence);
        const undone = replies.filter((reply) => 'effective' in reply && reply.effective);
        expect(undone.length).toBeLessThanOrEqual(1);
        const expected = state.status === 'reserved' ? [1, 2] : [0, 0];
        expect([held.get('a') ?? 0, held.get('b') ?? 0]).toEqual(expected);
      }),
      { verbose: true },
    );
  });

  it('holds nothing once a release has come, before or after the step', () => {
    fc.assert(
      fc.property(commands, commands, (before, after) => {
        const { held } = run([...before, RELEASE, ...after]);
        expect([...held.values()].every((quantity) => quantity === 0)).toBe(true);
      }),
      { verbose: true },
    );
  });
});
