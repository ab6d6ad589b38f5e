import { describe, expect, it, vi } from 'vitest';
import { addressProvider } from './address-provider.ts';

describe('a component at an address of the user', () => {
  const provider = addressProvider('redis', { host: 'redis.test', port: 6379 });
  const { signal } = new AbortController();

  it('is asked whether it is ready, and nothing is started', async () => {
    const ready = vi.fn(async () => undefined);
    await provider.start(ready, signal);
    expect(ready).toHaveBeenCalledWith(signal);
    expect(provider.process()).toBeUndefined();
    await expect(
      provider.start(() => Promise.reject(new Error('no answer')), signal),
    ).rejects.toThrow('no answer');
  });

  it('is left running when the stack stops', async () => {
    expect(await provider.stop({ final: true })).toBeUndefined();
  });

  it('cannot be restarted or signalled, and the message says where to do that', async () => {
    const message = 'redis is at an address of yours: restart or signal it where it runs';
    await expect(provider.restart(async () => undefined, signal)).rejects.toThrow(message);
    await expect(provider.signal('SIGKILL')).rejects.toThrow(message);
  });
});
