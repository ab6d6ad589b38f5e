import { once } from 'node:events';
import { createServer } from 'node:net';
import { expect, it } from 'vitest';
import { NATIVE_HOST } from './host.ts';
import { reservePorts } from './ports.ts';

/** Far from where a stack of this process would look first. */
const OFFSET = 70;

it('gives two stacks different ports though both look in the same place', async () => {
  await using first = await reservePorts(OFFSET);
  await using second = await reservePorts(OFFSET);
  const mine = [await first.next(), await first.next()];
  const yours = [await second.next(), await second.next()];
  expect(new Set([...mine, ...yours]).size).toBe(4);
});

it('skips a port that another process listens on', async () => {
  await using ports = await reservePorts(OFFSET);
  const free = await ports.next();
  const stranger = createServer().listen(free + 1, NATIVE_HOST);
  await once(stranger, 'listening');
  expect(await ports.next()).toBe(free + 2);
  stranger.close();
});

it('gives a port out again only after it was given back', async () => {
  await using ports = await reservePorts(OFFSET);
  const port = await ports.next();
  expect(await ports.next()).not.toBe(port);
  ports.release(port);
  expect(await ports.next()).toBe(port);
});
