import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ProcessEvent } from '../../harness/kernel/process-event.ts';
import { identify } from '../../harness/kernel/process-identity.ts';
import { wireControl } from '../../harness/links/wire.ts';
import { startControl } from '../wire/control.ts';
import { LINK, useLinesProxy } from '../wire/lines.testkit.ts';
import { answerError } from './answer-error.ts';
import { blackHole } from './black-hole.ts';
import { cutAt } from './cut-at.ts';
import { duplicate } from './duplicate.ts';
import { killAt } from './kill-at.ts';
import { lateAnswer } from './late-answer.ts';
import { loseAnswer } from './lose-answer.ts';
import { loseRequest } from './lose-request.ts';
import { pauseAt } from './pause-at.ts';
import { reorder } from './reorder.ts';

const SOON = { withinMs: 200 };
const ASK = { operation: 'lines.ask' };

describe('a fault of a message', () => {
  const lines = useLinesProxy();
  const folder = mkdtempSync(join(tmpdir(), 'sagaproof-faults-'));
  const socket = join(folder, 'wire.sock');
  const listen = 'unused';
  const links = [
    {
      name: LINK,
      listen,
      upstream: listen,
      hops: [{ kind: 'wire' as const, listen, upstream: listen }],
    },
  ];
  let control: AsyncDisposable;
  beforeAll(async () => {
    control = await startControl(socket, lines.proxy());
  });
  afterAll(async () => {
    await control[Symbol.asyncDispose]();
    rmSync(folder, { recursive: true });
  });
  const context = {
    openWire: () => wireControl({ wire: { socket }, links }),
    record: () => undefined,
  };

  it.each([
    ['lose-request', loseRequest, {}, 0],
    ['lose-answer', loseAnswer, {}, 1],
    ['black-hole', blackHole, {}, 0],
  ])('%s: lands when the proxy has kept an operation back', async (_name, fault, more, seen) => {
    lines.asked.length = 0;
    await using armed = await fault.arm(context, LINK, { ...ASK, contains: ['one'], ...more });
    using caller = await lines.call();
    caller.send('ask one');
    expect((await armed.requireLanded()).what).toMatch(/^lines.ask text=one.* on service→/);
    expect(lines.asked).toHaveLength(seen);
    expect(caller.received).toEqual([]);
  });

  it('has not landed when no operation matches, and is gone when lifted', async () => {
    const armed = await loseRequest.arm(context, LINK, { ...ASK, contains: ['other'] });
    using caller = await lines.call();
    caller.send('ask one');
    expect(await caller.next()).toBe('answer one');
    expect(await armed.landed(SOON)).toEqual({
      landed: false,
      reason: expect.stringContaining(`no lines.ask on ${LINK} has matched so far`),
    });
    await armed.lift();
    caller.send('ask other');
    expect(await caller.next()).toBe('answer other');
  });

  it('is refused for an operation that the protocol does not have', async () => {
    const armed = loseRequest.arm(context, LINK, { operation: 'lines.aks' });
    await expect(armed).rejects.toThrow('did you mean lines.ask?');
  });

  it('answer-error: answers in place of the dependency, done or not', async () => {
    for (const done of [false, true]) {
      lines.asked.length = 0;
      await using armed = await answerError.arm(context, LINK, { ...ASK, code: 'busy', done });
      using caller = await lines.call();
      caller.send('ask one');
      expect(await caller.next()).toBe('error busy one');
      await armed.requireLanded();
      expect(lines.asked).toHaveLength(done ? 1 : 0);
    }
  });

  it('duplicate: the dependency gets it twice, the service one answer', async () => {
    lines.asked.length = 0;
    await using armed = await duplicate.arm(context, LINK, { ...ASK, contains: ['one'] });
    using caller = await lines.call();
    caller.send('ask one');
    caller.send('ask two');
    expect([await caller.next(), await caller.next()]).toEqual(['answer one', 'answer two']);
    await armed.requireLanded();
    expect(lines.asked).toEqual(['ask one', 'ask one', 'ask two']);
  });

  it('reorder: the next operation comes first', async () => {
    lines.asked.length = 0;
    await using armed = await reorder.arm(context, LINK, { ...ASK, contains: ['one'] });
    using caller = await lines.call();
    caller.send('ask one');
    await armed.requireLanded();
    caller.send('ask two');
    await caller.next();
    await caller.next();
    expect(lines.asked).toEqual(['ask two', 'ask one']);
  });

  it('late-answer: the answer comes, later', async () => {
    await using armed = await lateAnswer.arm(context, LINK, { ...ASK, ms: 100 });
    using caller = await lines.call();
    const startedAt = performance.now();
    caller.send('ask one');
    expect(await caller.next()).toBe('answer one');
    // Timers fire up to a millisecond early.
    expect(performance.now() - startedAt).toBeGreaterThan(98);
    await armed.requireLanded();
  });

  it('cut-at: the connection ends after the dependency has done it', async () => {
    lines.asked.length = 0;
    await using armed = await cutAt.arm(context, LINK, ASK);
    using caller = await lines.call();
    caller.send('ask one');
    await caller.closed;
    await armed.requireLanded();
    expect(lines.asked).toEqual(['ask one']);
    expect(caller.received).toEqual([]);
  });

  /** A process for the service of the link, which the faults act on. */
  function service() {
    const child = spawn('sleep', ['60'], { detached: true });
    const identity = identify(child.pid ?? 0);
    if (!identity) throw new Error('the process has ended');
    const about = { id: 'service-1', kind: 'service', identity, at: 'now' } as const;
    const events: ProcessEvent[] = [{ ...about, event: 'started' }];
    child.once('exit', (code, signal) => events.push({ ...about, event: 'exited', code, signal }));
    const control = {
      async killInstance() {
        child.kill('SIGKILL');
        await once(child, 'exit');
      },
      pause: async () => void child.kill('SIGSTOP'),
      resume: async () => void child.kill('SIGCONT'),
      restartInstance: async () => undefined,
    };
    return { context: { ...context, control, processEvents: () => events }, child };
  }

  it('kill-at: the service ends, and its held operation with the connection', async () => {
    lines.asked.length = 0;
    const { context: about } = service();
    await using armed = await killAt.arm(about, LINK, { ...ASK, contains: ['one'] });
    using caller = await lines.call();
    caller.send('ask one');
    expect((await armed.requireLanded()).what).toMatch(/ended by SIGKILL at lines.ask text=one/);
    await caller.closed;
    expect(lines.asked).toEqual(['ask one']);
    expect(caller.received).toEqual([]);
  });

  it('pause-at: the service is stopped at the operation, and gets its answer after it', async () => {
    const { context: about, child } = service();
    {
      await using armed = await pauseAt.arm(about, LINK, { ...ASK, ms: 100 });
      using caller = await lines.call();
      caller.send('ask one');
      expect((await armed.requireLanded()).what).toMatch(/was in state T for 100 ms at lines.ask/);
      expect(await caller.next()).toBe('answer one');
    }
    child.kill('SIGKILL');
  });
});
