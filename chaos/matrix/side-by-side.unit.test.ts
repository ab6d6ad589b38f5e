import { describe, expect, it } from 'vitest';
import { sideBySide } from './side-by-side.ts';

const signal = new AbortController().signal;
const ALWAYS = { concurrency: 2, signal, hasTime: () => true };

/** Work that ends when it is let go. */
function work(disturbs: string | undefined, log: string[], name: string) {
  const gate = Promise.withResolvers<void>();
  const run = async () => {
    log.push(`+${name}`);
    await gate.promise;
    log.push(`-${name}`);
  };
  return { disturbs, run, end: gate.resolve, fail: gate.reject };
}
const turn = () => new Promise((resolve) => setImmediate(resolve));

describe('sideBySide', () => {
  it('runs side by side what disturbs different things, and the rest one after the other', async () => {
    const log: string[] = [];
    const [a, b, c] = [work('x', log, 'a'), work('x', log, 'b'), work('y', log, 'c')];
    const all = sideBySide([a, b, c], ALWAYS);
    await turn();
    expect(log).toEqual(['+a', '+c']);
    a.end();
    await turn();
    expect(log).toEqual(['+a', '+c', '-a', '+b']);
    b.end();
    c.end();
    await all;
    expect(log.slice(4).sort()).toEqual(['-b', '-c']);
  });

  it('begins nothing when the time is up, and waits for what runs', async () => {
    const log: string[] = [];
    const [a, b] = [work('x', log, 'a'), work('x', log, 'b')];
    let hasTime = true;
    const all = sideBySide([a, b], { ...ALWAYS, hasTime: () => hasTime });
    await turn();
    hasTime = false;
    a.end();
    await all;
    expect(log).toEqual(['+a', '-a']);
    await sideBySide([b], { ...ALWAYS, hasTime: () => false });
    expect(log).toEqual(['+a', '-a']);
  });

  it('rejects with the first failure', async () => {
    const a = work('x', [], 'a');
    const all = sideBySide([a], ALWAYS);
    a.fail(new Error('lost'));
    await expect(all).rejects.toThrow('lost');
  });
});
