import { describe, expect, it } from 'vitest';
import type { ProcessEvent } from '../../harness/kernel/process-event.ts';
import type { FaultEvent } from '../../harness/links/fault.ts';
import { kill } from './kill.ts';
import type { ProcessContext } from './processes.ts';
import { restart } from './restart.ts';

/** A supervisor that keeps its journal in memory; `onKill` is how its processes end. */
function supervisor(onKill: { code: number | null; signal: string | null } | undefined) {
  const events: ProcessEvent[] = [];
  const faultEvents: FaultEvent[] = [];
  const restarts: unknown[] = [];
  let pid = 100;
  const identity = () => ({ pid, startTime: `t${pid}`, bootId: 'boot' });
  const add = (id: string, event: ProcessEvent['event'], more: Partial<ProcessEvent> = {}) =>
    events.push({ at: 'now', event, id, kind: 'service', identity: identity(), ...more });
  const start = (id: string) => {
    pid += 1;
    add(id, 'started');
    add(id, 'ready');
  };
  start('order-1');
  const context: ProcessContext & { record: (event: FaultEvent) => void } = {
    processEvents: () => events,
    record: (event) => void faultEvents.push(event),
    control: {
      async killInstance(id) {
        if (onKill) add(id, 'exited', onKill);
      },
      pause: async () => undefined,
      resume: async () => undefined,
      async restartInstance(id, options) {
        restarts.push(options?.env);
        if (onKill) {
          add(id, 'exited', { code: 0, signal: null });
          start(id);
        }
        return undefined;
      },
    },
  };
  return { context, restarts, faultEvents, start };
}

const SOON = { withinMs: 30 };

describe('killing a process', () => {
  it('lands when this process ended by SIGKILL, and starts another one when lifted', async () => {
    const { context, restarts } = supervisor({ code: null, signal: 'SIGKILL' });
    const armed = await kill.arm(context, 'order-1', {});
    expect((await armed.requireLanded(SOON)).what).toMatch(/^order-1 \(pid 101.*by SIGKILL/);
    await armed.lift();
    expect(restarts).toHaveLength(1);
  });

  it('leaves a process alone that the scenario has started again itself', async () => {
    const { context, restarts, start } = supervisor({ code: null, signal: 'SIGKILL' });
    const armed = await kill.arm(context, 'order-1', {});
    start('order-1');
    await armed.lift();
    expect(restarts).toEqual([]);
  });

  it.each([
    ['still runs', undefined],
    ['ended with code 0', { code: 0, signal: null }],
    ['ended with SIGTERM', { code: null, signal: 'SIGTERM' }],
  ])('does not land when it %s', async (reason, end) => {
    const { context, faultEvents } = supervisor(end);
    const armed = await kill.arm(context, 'order-1', {});
    const landing = await armed.landed(SOON);
    expect(landing).toEqual({ landed: false, reason: expect.stringContaining(reason) });
    expect(faultEvents.map(({ what }) => what)).toEqual(['armed']);
  });

  it('refuses a process that is unknown or has ended', async () => {
    const { context } = supervisor({ code: null, signal: 'SIGKILL' });
    await expect(kill.arm(context, 'ordr-1', {})).rejects.toThrow(
      'unknown process "ordr-1"; known processes: order-1',
    );
    await kill.arm(context, 'order-1', {});
    await expect(kill.arm(context, 'order-1', {})).rejects.toThrow('order-1 is not running');
  });
});

describe('restarting a process', () => {
  it('lands when another process is ready, and undoes changed variables when lifted', async () => {
    const { context, restarts, faultEvents } = supervisor({ code: 0, signal: null });
    const env = { STEP_TIMEOUT_MS: '3000' };
    const armed = await restart.arm(context, 'order-1', { env });
    expect((await armed.requireLanded(SOON)).what).toMatch(/^order-1 is pid 102 .*pid 101 ended/);
    await armed.lift();
    expect(restarts).toEqual([env, undefined]);
    expect(faultEvents[0]?.parameters).toEqual({ 'env.STEP_TIMEOUT_MS': '3000' });
  });

  it('does not land when the old process goes on', async () => {
    const { context } = supervisor(undefined);
    const armed = await restart.arm(context, 'order-1', {});
    expect(await armed.landed(SOON)).toMatchObject({ landed: false });
  });
});
