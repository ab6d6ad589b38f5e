import { describe, expect, it, vi } from 'vitest';
import { runWithDeadline, type ScenarioRun } from './run-with-deadline.ts';

const runOf = (of: Partial<ScenarioRun>) => ({
  name: 'a-story',
  deadlineMs: 1_000,
  play: async () => undefined,
  close: vi.fn(async () => undefined),
  ...of,
});

describe('a play', () => {
  it('that passes is closed', async () => {
    const run = runOf({});
    expect(await runWithDeadline(run)).toEqual({ isOver: true });
    expect(run.close).toHaveBeenCalledOnce();
  });

  it('that fails is closed, and its failure is returned', async () => {
    const failure = new Error('no such frame');
    const run = runOf({ play: () => Promise.reject(failure) });
    expect(await runWithDeadline(run)).toEqual({ failure, isOver: true });
    expect(run.close).toHaveBeenCalledOnce();
  });

  it('that throws before it returns a promise fails too', async () => {
    const failure = new Error('at once');
    const play = () => {
      throw failure;
    };
    expect(await runWithDeadline(runOf({ play }))).toEqual({ failure, isOver: true });
  });

  it('that exceeds its deadline is closed, and then awaited', async () => {
    const order: string[] = [];
    const end = Promise.withResolvers<void>();
    const result = await runWithDeadline(
      runOf({
        deadlineMs: 20,
        play: () => end.promise.finally(() => order.push('gave back')),
        close: async () => {
          order.push('closed');
          end.reject(new Error('the socket is closed'));
        },
      }),
    );
    expect(result.isOver).toBe(true);
    expect(String(result.failure)).toContain('scenario a-story took longer than 20 ms');
    expect(order).toEqual(['closed', 'gave back']);
  });

  it('is given a signal that aborts at the deadline', async () => {
    const play = (signal: AbortSignal) =>
      new Promise<void>((_, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason));
      });
    const { failure, isOver } = await runWithDeadline(runOf({ deadlineMs: 20, play }));
    expect(String(failure)).toContain('took longer than 20 ms');
    expect(isOver).toBe(true);
  });

  it('that ignores its deadline is given up, and reported as still running', async () => {
    vi.useFakeTimers();
    const run = runOf({ deadlineMs: 20, play: () => new Promise<void>(() => undefined) });
    const result = runWithDeadline(run);
    await vi.advanceTimersByTimeAsync(60_000);
    vi.useRealTimers();
    expect(await result).toMatchObject({ isOver: false });
    expect(run.close).toHaveBeenCalledOnce();
  });

  it('that crashes outside of its promise fails with the crash', async () => {
    const crash = Promise.withResolvers<never>();
    const end = Promise.withResolvers<void>();
    const play = async () => {
      crash.reject(new Error('uncaught'));
      await end.promise;
    };
    const close = async () => end.resolve();
    const { failure } = await runWithDeadline(runOf({ play, close, crashed: crash.promise }));
    expect(String(failure)).toContain('uncaught');
  });

  it('whose clients cannot be closed fails, and says both', async () => {
    const close = () => Promise.reject(new Error('no such socket'));
    const { failure } = await runWithDeadline(runOf({ close }));
    expect(String(failure)).toContain('no such socket');
    const play = () => Promise.reject(new Error('no such frame'));
    const both = await runWithDeadline(runOf({ play, close }));
    expect(String(both.failure)).toContain(
      'no such frame; closing its clients failed: no such socket',
    );
  });
});
