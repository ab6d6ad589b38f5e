import { describe, expect, it, vi } from 'vitest';
import { linkControl } from '../links/link-control.ts';
import type { ResourceStatus, StackControl } from '../testbed/control-client.ts';
import { mend, type Performance, playWithin } from './mend.ts';

const resource = (name: string, state: ResourceStatus['state']): ResourceStatus => ({
  name,
  kind: 'service',
  state,
});

it('joins links, resumes what is paused and starts what has ended, and touches nothing else', async () => {
  const links = linkControl({ links: [] });
  const restoreAll = vi.spyOn(links, 'restoreAll');
  const asked: string[] = [];
  const control: Pick<StackControl, 'status' | 'resume' | 'restartInstance'> = {
    status: async () => ({
      runId: 'a-run',
      state: 'ready',
      fingerprint: '',
      owned: true,
      resources: [
        resource('kafka', 'paused'),
        resource('order-1', 'exited'),
        resource('query-1', 'stopped'),
        resource('auth-1', 'ready'),
        resource('payment-1', 'starting'),
      ],
    }),
    async resume(id) {
      asked.push(`resume ${id}`);
    },
    async restartInstance(id) {
      asked.push(`restart ${id}`);
      return undefined;
    },
  };
  await mend({ control: control as StackControl, links });
  expect(restoreAll).toHaveBeenCalledOnce();
  expect(asked.sort()).toEqual(['restart order-1', 'restart query-1', 'resume kafka']);
});

describe('a play', () => {
  const performance = (of: Partial<Performance>) => {
    const close = vi.fn(async () => undefined);
    const clearUp = vi.fn(async () => undefined);
    return { name: 'a-story', play: async () => undefined, close, mend: clearUp, ...of };
  };

  it('that ends well is closed, and gives back itself what it took', async () => {
    const { close, mend: clearUp, ...rest } = performance({});
    await playWithin(1_000, { ...rest, close, mend: clearUp });
    expect(close).toHaveBeenCalledOnce();
    expect(clearUp).not.toHaveBeenCalled();
  });

  it('that fails is cleared up after, before the failure is told', async () => {
    const failing = performance({ play: () => Promise.reject(new Error('no such frame')) });
    await expect(playWithin(1_000, failing)).rejects.toThrow(/^no such frame$/);
    expect(failing.close).toHaveBeenCalledOnce();
    expect(failing.mend).toHaveBeenCalledOnce();
  });

  it('that does not come to its end is given up at its deadline, and cleared up after', async () => {
    const told: string[] = [];
    const end = Promise.withResolvers<void>();
    const stuck = performance({
      play: () => end.promise.finally(() => told.push('gave back')),
      close: async () => {
        told.push('closed');
        end.reject(new Error('the socket is closed'));
      },
      mend: async () => {
        told.push('mended');
      },
    });
    await expect(playWithin(20, stuck)).rejects.toThrow('scenario a-story took longer than 20 ms');
    expect(told).toEqual(['closed', 'gave back', 'mended']);
  });

  it('that does not even notice that it was given up is cleared up after', async () => {
    vi.useFakeTimers();
    const stuck = performance({ play: () => new Promise<void>(() => undefined) });
    const given = expect(playWithin(20, stuck)).rejects.toThrow('took longer than 20 ms');
    await vi.advanceTimersByTimeAsync(60_000);
    vi.useRealTimers();
    await given;
    expect(stuck.mend).toHaveBeenCalledOnce();
  });

  it('whose stack cannot be mended says both', async () => {
    const failing = performance({
      play: () => Promise.reject(new Error('no such frame')),
      mend: () => Promise.reject(new Error('kafka does not start')),
    });
    await expect(playWithin(1_000, failing)).rejects.toThrow(
      'no such frame; and it leaves something behind: kafka does not start',
    );
  });
});
