import { describe, expect, it } from 'vitest';
import { bootTree, leaf, parallel, type Resource, ResourceError, sequence } from './resource.ts';

interface FakeOptions {
  readonly after?: readonly string[];
  readonly stopBefore?: readonly string[];
  readonly up?: (signal: AbortSignal) => Promise<void>;
  readonly healthCheck?: () => Promise<void>;
  readonly verify?: () => Promise<void>;
  readonly down?: () => Promise<void>;
  readonly upTimeoutMs?: number;
  readonly downTimeoutMs?: number;
}

const quiet = { onPhase: () => undefined };

/** Resources that write what happens to them into one list. */
function recorder() {
  const seen: string[] = [];
  const fake = (name: string, options: FakeOptions = {}): Resource => ({
    name,
    upTimeoutMs: options.upTimeoutMs ?? 5_000,
    downTimeoutMs: options.downTimeoutMs ?? 5_000,
    ...(options.after ? { after: options.after } : {}),
    ...(options.stopBefore ? { stopBefore: options.stopBefore } : {}),
    ...(options.verify ? { verify: options.verify } : {}),
    async up(signal) {
      seen.push(`${name} up`);
      await options.up?.(signal);
    },
    healthCheck: options.healthCheck ?? (async () => undefined),
    async down() {
      await options.down?.();
      seen.push(`${name} down`);
    },
    logTail: () => `last line of ${name}`,
  });
  return { seen, fake };
}

/** Never ends by itself, and takes notice of its signal. */
const untilAborted = (signal: AbortSignal) =>
  new Promise<void>((_, reject) => {
    if (signal.aborted) reject(signal.reason);
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });

describe('a tree of resources', () => {
  it('starts a sequence in order and stops it in reverse', async () => {
    const { seen, fake } = recorder();
    const tree = sequence(leaf(fake('a')), leaf(fake('b')), leaf(fake('c')));
    const running = await bootTree(tree, quiet);
    await running.down();
    expect(seen).toEqual(['a up', 'b up', 'c up', 'c down', 'b down', 'a down']);
  });

  it('starts the children of a parallel at once', async () => {
    const { seen, fake } = recorder();
    const both = Promise.withResolvers<void>();
    const meet = (other: string) => async () => {
      if (seen.includes(`${other} up`)) both.resolve();
      await both.promise;
    };
    const tree = parallel(leaf(fake('a', { up: meet('b') })), leaf(fake('b', { up: meet('a') })));
    await bootTree(tree, quiet);
    expect(seen).toEqual(['a up', 'b up']);
  });

  it('starts a resource after what it names and stops it before, across the tree', async () => {
    const { seen, fake } = recorder();
    const tree = parallel(leaf(fake('service', { after: ['kafka'] })), leaf(fake('kafka')));
    const running = await bootTree(tree, quiet);
    await running.down();
    expect(seen).toEqual(['kafka up', 'service up', 'service down', 'kafka down']);
  });

  it('starts a resource together with those that it stops before', async () => {
    const { seen, fake } = recorder();
    const tree = parallel(leaf(fake('connect', { stopBefore: ['kafka'] })), leaf(fake('kafka')));
    const running = await bootTree(tree, quiet);
    await running.down();
    expect(seen).toEqual(['connect up', 'kafka up', 'connect down', 'kafka down']);
  });

  it('takes down what was up when a resource fails, and shows its own log', async () => {
    const { seen, fake } = recorder();
    const bad = fake('bad', { up: async () => Promise.reject(new Error('no disk')) });
    const tree = sequence(leaf(fake('good')), leaf(bad), leaf(fake('never')));
    const error = await bootTree(tree, quiet).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(ResourceError);
    expect(error).toMatchObject({
      resource: 'bad',
      message: 'bad did not come up: no disk',
      logTail: 'last line of bad',
    });
    expect(seen).toEqual(['good up', 'bad up', 'bad down', 'good down']);
  });

  it('cuts short what is still starting when another resource fails', async () => {
    const { seen, fake } = recorder();
    const slow = fake('slow', { up: untilAborted });
    const bad = fake('bad', { up: async () => Promise.reject(new Error('broken')) });
    await expect(bootTree(parallel(leaf(slow), leaf(bad)), quiet)).rejects.toThrow(/bad .*broken/);
    expect(seen).toContain('slow down');
  });

  it('gives up on a resource after its own deadline and names it', async () => {
    const { fake } = recorder();
    const slow = fake('slow', { up: untilAborted, upTimeoutMs: 20 });
    await expect(bootTree(leaf(slow), quiet)).rejects.toThrow(
      /starting slow took longer than 20 ms/,
    );
  });

  it('waits for the health check and not for up alone', async () => {
    const { fake } = recorder();
    let asked = 0;
    const healthCheck = async () => {
      asked += 1;
      if (asked < 3) throw new Error('not yet');
    };
    await bootTree(leaf(fake('a', { healthCheck })), quiet);
    expect(asked).toBe(3);
  });

  it('fails when a resource is alive but not set up as ordered', async () => {
    const { seen, fake } = recorder();
    const verify = async () => Promise.reject(new Error('topic x has 1 partition'));
    await expect(bootTree(leaf(fake('kafka', { verify })), quiet)).rejects.toThrow(
      'kafka is not set up as ordered: topic x has 1 partition',
    );
    expect(seen).toEqual(['kafka up', 'kafka down']);
  });

  it('takes everything down when it is aborted in the middle', async () => {
    const { seen, fake } = recorder();
    const stop = new AbortController();
    const slow = fake('slow', {
      up: (signal) => {
        stop.abort(new Error('stopped'));
        return untilAborted(signal);
      },
    });
    const tree = sequence(leaf(fake('a')), leaf(slow));
    await expect(bootTree(tree, quiet, stop.signal)).rejects.toThrow('stopped');
    expect(seen).toEqual(['a up', 'slow up', 'slow down', 'a down']);
  });

  it('takes a resource down although its up ignores the abort', async () => {
    const { seen, fake } = recorder();
    const deaf = fake('deaf', { up: () => new Promise(() => undefined), upTimeoutMs: 20 });
    await expect(bootTree(leaf(deaf), quiet)).rejects.toThrow(/longer than 20 ms/);
    expect(seen).toEqual(['deaf up', 'deaf down']);
  });

  it('goes on taking down when one resource does not go down, and tells which', async () => {
    const { seen, fake } = recorder();
    const stuck = fake('stuck', { down: () => new Promise(() => undefined), downTimeoutMs: 20 });
    const running = await bootTree(sequence(leaf(fake('a')), leaf(stuck)), quiet);
    const errors = await running.down();
    expect(errors.map((error) => error.resource)).toEqual(['stuck']);
    expect(seen).toContain('a down');
  });

  it('refuses a need that is not in the stack, a circle, and two of one name', async () => {
    const { fake } = recorder();
    await expect(bootTree(leaf(fake('a', { after: ['x'] })), quiet)).rejects.toThrow(
      'a needs x, which is not in the stack',
    );
    const circle = parallel(leaf(fake('a', { after: ['b'] })), leaf(fake('b', { after: ['a'] })));
    await expect(bootTree(circle, quiet)).rejects.toThrow(/in a circle: a → b → a/);
    const twins = parallel(leaf(fake('a')), leaf(fake('a')));
    await expect(bootTree(twins, quiet)).rejects.toThrow('two resources are called a');
  });
});
