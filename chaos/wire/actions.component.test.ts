import { afterEach, describe, expect, it } from 'vitest';
import { useLinesProxy } from './lines.testkit.ts';

describe('a rule of the wire proxy', () => {
  const wire = useLinesProxy();
  afterEach(() => {
    for (const { id } of wire.proxy().rules.all) wire.proxy().rules.lift(id);
    wire.asked.length = 0;
  });

  it('does nothing to an operation that it does not match', async () => {
    const armed = wire.arm({
      where: { text: 'other' },
      point: 'request',
      action: { kind: 'drop' },
    });
    using caller = await wire.call();
    caller.send('ask one');
    expect(await caller.next()).toBe('answer one');
    expect(armed.hits).toEqual([]);
  });

  it('holds a request until it is released, and what follows waits behind it', async () => {
    const armed = wire.arm({ point: 'request', contains: ['one'], action: { kind: 'hold' } });
    using caller = await wire.call();
    using other = await wire.call();
    caller.send('ask one');
    caller.send('ask two');
    const hit = await armed.hit;
    other.send('ask three');
    expect(await other.next()).toBe('answer three');
    expect(wire.asked).toEqual(['ask three']);
    expect(hit).toMatchObject({ operation: 'lines.ask', attributes: { text: 'one' } });
    wire.proxy().rules.release(hit.id, 'forward');
    expect([await caller.next(), await caller.next()]).toEqual(['answer one', 'answer two']);
  });

  it('holds an answer of which no byte has passed', async () => {
    const armed = wire.arm({
      point: 'answer',
      where: { answer: 'many one' },
      action: { kind: 'hold' },
    });
    using caller = await wire.call();
    caller.send('ask many one');
    const hit = await armed.hit;
    expect(wire.asked).toEqual(['ask many one']);
    expect(hit.attributes).toEqual({ text: 'many one', answer: 'many one' });
    expect(caller.received).toEqual([]);
    wire.proxy().rules.release(hit.id, 'cut');
    await caller.closed;
    expect(caller.received).toEqual([]);
  });

  it('forwards what it holds when it is lifted', async () => {
    const armed = wire.arm({ point: 'request', action: { kind: 'hold' } });
    using caller = await wire.call();
    caller.send('ask one');
    await armed.hit;
    wire.proxy().rules.lift(armed.id);
    expect(await caller.next()).toBe('answer one');
  });

  it('forwards a held request of a service that has ended, when it is released', async () => {
    const armed = wire.arm({ point: 'request', action: { kind: 'hold' } });
    const caller = await wire.call();
    caller.send('ask one');
    const hit = await armed.hit;
    caller.socket.resetAndDestroy();
    await caller.closed;
    wire.proxy().rules.release(hit.id, 'forward');
    await expect.poll(() => wire.asked).toEqual(['ask one']);
  });

  it('loses a request or an answer, and the connection goes on', async () => {
    wire.arm({ point: 'request', where: { text: 'one' }, action: { kind: 'drop' } });
    wire.arm({ point: 'answer', where: { text: 'two' }, action: { kind: 'drop' } });
    using caller = await wire.call();
    for (const text of ['one', 'two', 'three']) caller.send(`ask ${text}`);
    expect(await caller.next()).toBe('answer three');
    expect(wire.asked).toEqual(['ask two', 'ask three']);
  });

  it('answers with an error in the order of requests, in place of the dependency', async () => {
    wire.arm({ point: 'request', where: { text: 'two' }, action: { kind: 'error', code: 'E1' } });
    wire.arm({ point: 'answer', where: { text: 'three' }, action: { kind: 'error', code: 'E2' } });
    using caller = await wire.call();
    for (const text of ['one', 'two', 'three']) caller.send(`ask ${text}`);
    const answers = [await caller.next(), await caller.next(), await caller.next()];
    expect(answers).toEqual(['answer one', 'error E1 two', 'error E2 three']);
    expect(wire.asked).toEqual(['ask one', 'ask three']);
  });

  it('repeats a request, whose second answer the service does not get', async () => {
    wire.arm({ point: 'request', where: { text: 'one' }, action: { kind: 'duplicate' } });
    using caller = await wire.call();
    caller.send('ask one');
    caller.send('ask two');
    expect([await caller.next(), await caller.next()]).toEqual(['answer one', 'answer two']);
    expect(wire.asked).toEqual(['ask one', 'ask one', 'ask two']);
  });

  it('repeats an answer', async () => {
    wire.arm({ point: 'answer', action: { kind: 'duplicate' } });
    using caller = await wire.call();
    caller.send('ask one');
    expect([await caller.next(), await caller.next()]).toEqual(['answer one', 'answer one']);
  });

  it('exchanges a request with the next', async () => {
    wire.arm({ point: 'request', where: { text: 'one' }, action: { kind: 'reorder' } });
    using caller = await wire.call();
    caller.send('ask one');
    caller.send('ask two');
    await caller.next();
    await caller.next();
    expect(wire.asked).toEqual(['ask two', 'ask one']);
  });

  it('replaces bytes by others of the same length', async () => {
    wire.arm({ point: 'request', action: { kind: 'replace', find: 'one', by: 'six' } });
    using caller = await wire.call();
    caller.send('ask one');
    expect(await caller.next()).toBe('answer six');
  });

  it('delays an operation', async () => {
    wire.arm({ point: 'request', action: { kind: 'delay', ms: 60 } });
    using caller = await wire.call();
    const startedAt = performance.now();
    caller.send('ask one');
    await caller.next();
    expect(performance.now() - startedAt).toBeGreaterThanOrEqual(58);
  });

  it.each([
    ['request', undefined, []],
    ['answer', undefined, []],
    ['answer', true, ['answ']],
    ['answered', undefined, ['answer one']],
  ] as const)('cuts the connection at %s (midway: %s)', async (point, midway, received) => {
    wire.arm({ point, action: midway ? { kind: 'cut', midway } : { kind: 'cut' } });
    using caller = await wire.call();
    caller.send('ask one');
    await caller.closed;
    const whole = point === 'answered' ? received : caller.received.map((l) => l.slice(0, 4));
    expect(whole).toEqual(received);
    expect(wire.asked).toEqual(point === 'request' ? [] : ['ask one']);
  });

  it('makes a connection silent and leaves it open', async () => {
    const armed = wire.arm({ point: 'request', action: { kind: 'black-hole' } });
    using caller = await wire.call();
    using other = await wire.call();
    caller.send('ask one');
    await armed.hit;
    caller.send('ask two');
    other.send('ask three');
    await other.next();
    expect(caller.received).toEqual([]);
    expect(caller.socket.destroyed).toBe(false);
    expect(wire.asked).toEqual(['ask three']);
  });

  it('keeps back what the service does after an answer that it holds', async () => {
    const armed = wire.arm({ point: 'answered', action: { kind: 'hold' } });
    using caller = await wire.call();
    caller.send('ask one');
    expect(await caller.next()).toBe('answer one');
    const hit = await armed.hit;
    caller.send('ask two');
    wire.proxy().rules.release(hit.id, 'forward');
    expect(await caller.next()).toBe('answer two');
  });

  it('hits the occurrences that it names, and waits for another rule', async () => {
    const first = wire.arm({
      point: 'request',
      where: { text: 'go' },
      action: { kind: 'delay', ms: 0 },
    });
    const second = wire.arm({
      ...{ point: 'request', action: { kind: 'drop' }, occurrence: 2, times: 2, after: first.id },
      contains: ['n'],
    });
    using caller = await wire.call();
    for (const text of ['n0', 'go', 'n1', 'n2', 'n3', 'n4']) caller.send(`ask ${text}`);
    await expect
      .poll(() => caller.received)
      .toEqual(['answer n0', 'answer go', 'answer n1', 'answer n4']);
    expect(second.hits.map(({ attributes }) => attributes['text'])).toEqual(['n2', 'n3']);
  });
});

describe('a link of the wire proxy', () => {
  const wire = useLinesProxy();

  it('passes on what is no message of its protocol, and reports the connection', async () => {
    using caller = await wire.call();
    caller.send('ask one');
    await caller.next();
    caller.send('tell two');
    caller.send('ask three');
    await expect.poll(() => wire.asked).toEqual(['ask one', 'tell two', 'ask three']);
    expect(wire.proxy().opaque).toMatchObject([{ reason: 'not a question: tell' }]);
  });

  it('passes on that a side sends no more, and what it sent last', async () => {
    using caller = await wire.call();
    caller.socket.end('ask last\nand the rest');
    await caller.closed;
    expect(caller.received).toContain('answer last');
    await expect.poll(() => wire.asked).toContain('and the rest');
  });

  it('refuses connections while it is cut', async () => {
    const { name } = wire.proxy().links[0] ?? { name: '' };
    using open = await wire.call();
    open.send('ask one');
    await open.next();
    await wire.proxy().cut(name);
    await open.closed;
    await expect(wire.call()).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    await wire.proxy().restore(name);
    using again = await wire.call();
    again.send('ask two');
    expect(await again.next()).toBe('answer two');
  });
});
