import { describe, expect, it, vi } from 'vitest';
import { defineFault, type FaultEvent, FaultNotLandedError, isFaultNotLanded } from './fault.ts';

/** A fault that is seen at the n-th look, and a record of what was done. */
function setUp(seenAtLook: number) {
  const events: FaultEvent[] = [];
  const lift = vi.fn(async () => undefined);
  let looks = 0;
  const fault = defineFault({
    name: 'flood',
    arm: async (context: { readonly level: number }, target: string, _: { size?: number }) =>
      `${target} at ${context.level}`,
    async landed(state) {
      looks += 1;
      if (looks < seenAtLook) throw new Error(`look ${looks}: all dry`);
      return `${state} is wet`;
    },
    lift,
  });
  const context = { level: 3, record: (event: FaultEvent) => void events.push(event) };
  return { fault, context, events, lift };
}

describe('a fault', () => {
  it('is armed, lands with evidence, and is lifted at the end of its scope', async () => {
    const { fault, context, events, lift } = setUp(2);
    const before = Date.now();
    {
      await using armed = await fault.arm(context, 'cellar', { size: 9 });
      const evidence = await armed.requireLanded();
      expect(evidence.what).toBe('cellar at 3 is wet');
      expect(evidence.atMs).toBeGreaterThanOrEqual(before);
      expect(await armed.landed()).toEqual({ landed: true, evidence });
      expect(lift).not.toHaveBeenCalled();
    }
    expect(lift).toHaveBeenCalledOnce();
    const [{ fault: id } = { fault: '' }] = events;
    expect(id).toMatch(/^[0-9a-f-]{36}$/);
    const about = { fault: id, name: 'flood', target: 'cellar', parameters: { size: 9 } };
    expect(events).toEqual([
      { ...about, what: 'armed' },
      { ...about, what: 'landed', evidence: 'cellar at 3 is wet' },
      { ...about, what: 'lifted' },
    ]);
  });

  it('that never lands says what was seen instead, and has no landed event', async () => {
    const { fault, context, events } = setUp(Number.POSITIVE_INFINITY);
    const armed = await fault.arm(context, 'cellar', {});
    expect(await armed.landed({ withinMs: 30 })).toEqual({
      landed: false,
      reason: expect.stringMatching(/flood of cellar to take effect.*look \d+: all dry/),
    });
    await armed.lift();
    expect(events.map(({ what }) => what)).toEqual(['armed', 'lifted']);
  });

  it('that is required to land and does not is lifted', async () => {
    const { fault, context, lift } = setUp(Number.POSITIVE_INFINITY);
    const armed = await fault.arm(context, 'cellar', {});
    const required = armed.requireLanded({ withinMs: 30 });
    await expect(required).rejects.toThrow(FaultNotLandedError);
    await expect(required).rejects.toThrow(/^fault flood of cellar did not land: .*all dry/);
    expect(lift).toHaveBeenCalledOnce();
  });

  it.each([
    ['itself', (missed: Error) => missed, true],
    ['as a cause', (cause: Error) => new Error('closing failed', { cause }), true],
    ['before a failed lift', (missed: Error) => new SuppressedError(new Error(), missed), true],
    ['not at all', () => new Error('expected 1 to be 2', { cause: new Error('3') }), false],
  ])('that did not land is found in an error: %s', (_where, wrapped, isFound) => {
    expect(isFaultNotLanded(wrapped(new FaultNotLandedError('it missed')))).toBe(isFound);
  });

  it('is lifted once, however often that is asked for, and cannot land afterwards', async () => {
    const { fault, context, events, lift } = setUp(1);
    const armed = await fault.arm(context, 'cellar', {});
    await Promise.all([armed.lift(), armed.lift()]);
    expect(lift).toHaveBeenCalledOnce();
    expect(await armed.landed()).toMatchObject({
      landed: false,
      reason: expect.stringContaining('it was lifted'),
    });
    expect(events.map(({ what }) => what)).toEqual(['armed', 'lifted']);
  });

  it('that cannot be armed is recorded as lifted, with the reason', async () => {
    const events: FaultEvent[] = [];
    const fault = defineFault({
      name: 'flood',
      arm: async (_: object, target: string): Promise<string> => {
        throw new Error(`${target} has no tap`);
      },
      landed: async () => '',
      lift: async () => undefined,
    });
    const record = (event: FaultEvent) => void events.push(event);
    await expect(fault.arm({ record }, 'attic', {})).rejects.toThrow('attic has no tap');
    expect(events).toEqual([
      { what: 'armed', fault: expect.any(String), name: 'flood', target: 'attic' },
      {
        what: 'lifted',
        fault: events[0]?.fault,
        name: 'flood',
        target: 'attic',
        reason: 'it could not be armed: attic has no tap',
      },
    ]);
  });
});
